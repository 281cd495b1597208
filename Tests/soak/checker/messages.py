"""Messages: each is there once, with its own text and its own reply, and is of one version."""

from collections import Counter

from journal import tag

MASK = "«masked»"


def check_messages(conversation):
    """Looks at the messages of a conversation, and puts each to its version."""
    messages = conversation.evidence["messages"]
    numbers = [message["number"] for message in messages]
    if numbers != list(range(1, len(messages) + 1)):
        yield conversation.finding("messages-broken", f"its messages are not counted 1 to {len(messages)}: {numbers[:50]}")
    there = Counter(message["message_id"] for message in messages)
    for name, count in there.items():
        if count > 1:
            yield conversation.finding("doubled", f"the message {name} is there {count} times")
    for operation in conversation.current.values():
        if operation.do != "message":
            continue
        if operation.is_done and not there[operation.id]:
            yield conversation.finding("lost", f"the message {operation.id} was answered and is not there")
        if there[operation.id] and operation.is_refused:
            yield conversation.finding("refused-and-done", f"every answer to the message {operation.id} says that nothing was done, and it was handled")
        elif there[operation.id] and operation.was_told_no:
            yield conversation.finding("told-no-and-done", f"the message {operation.id} was lost, then refused, and it was handled")
    for message in messages:
        operation = conversation.current.get(message["message_id"])
        if operation is None or operation.do != "message":
            yield conversation.finding("mixed-up", f"the message {message['message_id']} is not of this conversation's present life")
            continue
        yield from _check_message(conversation, operation, message)
    yield from _check_groups(conversation)


def _check_message(conversation, operation, message):
    answer = conversation.answer(operation)
    if answer is None:
        yield conversation.finding("no-version", f"nobody knows what the message {operation.id} was answered")
        return
    conversation.turns[answer["version"]].append(operation)
    mine = tag(operation.id, conversation.id)
    text = operation.intent["text"].replace(operation.intent.get("email") or "\0", MASK)
    if message["text"] not in (operation.intent["text"], text, MASK):
        yield conversation.finding("mixed-up", f"the text of {operation.id} is {message['text']!r}, and was {operation.intent['text']!r}")
    if answer["status"] != message["status"]:
        yield conversation.finding("value-lost", f"{operation.id} was answered as {answer['status']}, and is kept as {message['status']}")
    if answer["status"] == "replied":
        for reply in (answer["reply"], message["reply"]):
            if mine not in (reply or ""):
                yield conversation.finding("mixed-up", f"the reply to {operation.id} is another's: {reply!r}")
    elif answer.get("reply") is not None:
        yield conversation.finding("value-lost", f"{operation.id} is {answer['status']} and has a reply: {answer['reply']!r}")


def _check_groups(conversation):
    """Of the messages of one version one has the reply, and the others say which; messages to a paused conversation come alone."""
    for version, operations in conversation.turns.items():
        answers = {operation.id: conversation.answer(operation) for operation in operations}
        heads = [name for name, answer in answers.items() if answer["status"] in ("replied", "paused")]
        merged = [answer for answer in answers.values() if answer["status"] == "merged"]
        paused = any(answer["status"] == "paused" for answer in answers.values())
        is_whole = len(heads) == 1 and len(heads) + len(merged) == len(answers) and all(answer["replied_to"] == heads[0] for answer in merged)
        # A burst that is merged may meet a paused conversation: then all of it is kept without a reply.
        if not is_whole and not (paused and len(heads) == len(answers)):
            states = {name: answer["status"] for name, answer in answers.items()}
            yield conversation.finding("version-shared", f"version {version} was told to the messages {states}")
