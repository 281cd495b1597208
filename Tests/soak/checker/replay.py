"""Does again, version by version, what is said to have happened in a conversation, and so knows its state after each."""

from copy import deepcopy


def merged(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class Snapshot:
    def __init__(self, replay):
        self.stage, self.mode = replay.stage, replay.mode
        self.data = deepcopy(replay.conversation | replay.local)
        self.visits = dict(replay.visits)


class Replay:
    """A conversation as it was after the last version that it was told of."""

    def __init__(self, stages):
        # By their ids: the scope of what is learned at each. One that came and went keeps everything.
        self.scopes = {stage["id"]: stage["scope"] for stage in stages.values()}
        self.clear()

    def clear(self):
        self.stage, self.mode = None, "active"
        self.conversation, self.local, self.visits, self.secrets = {}, {}, {}, {}

    def enter(self, stage, is_again=False):
        if stage == self.stage and not is_again:
            return
        self.stage, self.local = stage, {}
        self.visits[stage] = self.visits.get(stage, 0) + 1

    def write(self, data):
        if self.scopes.get(self.stage) == "stage":
            self.local = merged(self.local, data)
        else:
            self.conversation = merged(self.conversation, data)

    def move(self, stage, data):
        self.enter(stage)
        self.write(data)

    def turn(self, transitions, learned, secrets):
        """Moves, and what was learned, which only stages learn that keep it for the conversation."""
        for transition in transitions:
            self.enter(transition["to_stage_id"], is_again=True)
        self.conversation = merged(self.conversation, learned)
        self.secrets.update(secrets)

    def action(self, transition):
        """What was done but a move: by the API, by time, or to mend."""
        trace = transition["trace"]
        match trace.get("action") or trace.get("reason"):
            case "clear" | "expired":
                self.clear()
            case "pause":
                self.mode = "paused"
            case "resume":
                self.mode = "active"
            case "rewind":
                self.enter(transition["to_stage_id"], is_again=True)
            case "timeout":
                if "not_taken" not in trace:
                    self.enter(transition["to_stage_id"], is_again=True)
            case "move_to":
                self.enter(transition["to_stage_id"])
            case other:
                return f"nobody knows what {other!r} is"
        return None
