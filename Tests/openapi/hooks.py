"""What Schemathesis can't read in the document: which refusals are right, what must not be destroyed on the way, and what was reached."""

import atexit
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from uuid import UUID

import schemathesis
from schemathesis.generation import GenerationMode

# The ids of what the run itself needs: the key that it calls with.
PROTECTED = {UUID(text) for text in os.environ.get("PROTECTED_IDS", "").split()}
# Where the counts of answers by operation and status go, for ./run to see that every operation succeeded at times.
TALLY_FILE = os.environ.get("TALLY_FILE")
VISIBLE = re.compile(r"[!-~]{1,200}")
# Codes of refusals that a request of the right form may meet.
SEMANTIC = {
    401: {"unauthorized"},
    403: {"forbidden"},
    404: {"not_found"},
    409: {
        "in_use", "conversations_here", "stage_disabled", "move_not_allowed", "not_started", "already_completed", "state_conflict",
        "idempotency_key_in_progress",
    },
    412: {"precondition_failed"},
    422: {"invalid_input", "idempotency_key_reused"},
}
tally = Counter()
calls = itertools.count()


@atexit.register
def write_tally():
    """Appends this process's counts, a JSON array a line."""
    if TALLY_FILE and tally:
        with open(TALLY_FILE, "a", encoding="utf-8") as file:
            file.writelines(json.dumps([*key, count]) + "\n" for key, count in sorted(tally.items()))


@schemathesis.hook
def after_call(context, case, response):
    """Counts what was answered."""
    if case.method.upper() == case.operation.method.upper():
        tally[case.operation.label, response.status_code] += 1


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes idempotency keys as many as there are bodies, and keeps the run's own key from being revoked."""
    headers = case.headers or {}
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and VISIBLE.fullmatch(key):
        # On a walk a replayed answer would tell of something that an earlier walk has deleted.
        walking = case.meta is not None and case.meta.phase.name.value == "stateful"
        told = str(next(calls)) if walking else repr(case.body)
        headers["Idempotency-Key"] = f"{key[:200]}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    if case.operation.path == "/api-keys/{key_id}":
        try:
            if UUID(str(case.path_parameters["key_id"])) in PROTECTED:
                case.path_parameters["key_id"] = "00000000-0000-4000-8000-000000000000"
        except (KeyError, ValueError):
            pass


@schemathesis.hook
def filter_case(context, case):
    """Leaves out what counts as wrong for a value from our own lists alone, which are right: it has taken the place of the value that was wrong."""
    data = case.meta.phase.data if case.meta is not None else None
    return not (getattr(data, "description", None) or "").startswith("Dictionary `")


@schemathesis.check
def refusals_are_explained(ctx, response, case):
    """Every refusal has a code and a request id, and one of the input names each wrong value."""
    if response.status_code < 400:
        return
    problem = response.json()
    if response.request.method == "HEAD":
        return
    assert problem["status"] == response.status_code, "the status in the problem is another than that of the answer"
    assert response.headers["x-request-id"] == [problem["request_id"]], "the request ids of head and body differ"
    if problem["code"] in ("invalid_input", "invalid_parameter", "malformed_json"):
        assert problem.get("errors"), "a refusal of the input names no place"
        for error in problem["errors"]:
            assert error["message"].rstrip()[-1:] in ".)^", f"no sentence: {error['message']!r}"


@schemathesis.check
def right_requests_are_not_malformed(ctx, response, case):
    """A request of the form that the document asks for may be refused for what it says, not for its form."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or response.status_code < 400:
        return
    problem = response.json()
    if response.status_code == 400 and problem["code"] == "invalid_parameter":
        places = {error["pointer"] for error in problem["errors"]}
        assert places <= {"/cursor"}, f"a parameter of the right form was refused: {places}"
        return
    assert problem["code"] in SEMANTIC.get(response.status_code, set()), f"refused with {response.status_code} {problem['code']}"
