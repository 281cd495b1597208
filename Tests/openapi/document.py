"""Checks the document by itself: valid OpenAPI 3.1, no reference to nowhere, no schema that nothing refers to."""

import json
import sys

from openapi_spec_validator import validate


def references(node):
    """Every $ref in a part of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for element in node:
            yield from references(element)


def resolve(document, reference):
    """What a reference within the document leads to; None when there is nothing."""
    if not reference.startswith("#/"):
        return None
    node = document
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    return node


def main(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    validate(document)
    faults = []
    used = set(references(document))
    faults += [f"{reference} leads nowhere" for reference in sorted(used) if resolve(document, reference) is None]
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    faults += [f"{name} is not used" for name in sorted(schemas - used)]
    operations = [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]
    ids = [operation["operationId"] for _, _, operation in operations]
    faults += [f"operationId {name} is not unique" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for path, method, operation in operations:
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        wanted = {segment[1:-1] for segment in path.split("/") if segment.startswith("{")}
        if named != wanted:
            faults.append(f"{method.upper()} {path} describes the path parameters {sorted(named)}, has {sorted(wanted)}")
    for fault in faults:
        print(fault)
    print(f"{len(operations)} operations, {len(schemas)} schemas, {len(used)} references: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
