"""Holds what the servers say at the end of a run against what the clients wrote into their journals.

It shares nothing with the clients but the format of the journal. `check` takes the folder of a run; what it finds are dictionaries with `code`, `where`
and `what`. README.md lists what is looked at.
"""

from checker.answers import check_answers
from checker.conversations import check_conversations
from checker.definitions import check_definitions
from checker.events import check_events
from checker.records import Records
from checker.replies import check_replies


def check(folder):
    return check_records(Records.read(folder))


def check_records(records):
    return [
        *check_answers(records), *check_conversations(records), *check_events(records), *check_definitions(records), *check_replies(records)]
