"""
Notes what CloudFormation does with every resource, of whatever type, in the file DEPLOY_RECORD: one JSON object a line.

resolved: the properties, with every intrinsic function resolved
created:  and whether the note is all there is of it
skipped:  a type that moto does not have
deleted:  after DeletionPolicy had its say
"""

import json
import os
import threading

from moto.cloudformation import parsing

LOCK = threading.Lock()


def note(event, stack_id, logical_id, resource_type, **more):
    stack = stack_id.split("/")[1]
    line = json.dumps({"event": event, "stack": stack, "id": logical_id, "type": resource_type, **more})
    with LOCK, open(os.environ["DEPLOY_RECORD"], "a", encoding="utf-8") as file:
        file.write(line + "\n")


resolve = parsing.parse_resource_and_generate_name
create = parsing.parse_and_create_resource


def resolve_and_note(logical_id, resource_json, resources_map):
    result = resolve(logical_id, resource_json, resources_map)
    if result is None:
        note("skipped", resources_map.stack_id, logical_id, resource_json["Type"])
    else:
        note("resolved", resources_map.stack_id, logical_id, resource_json["Type"], properties=result[1]["Properties"])
    return result


def create_and_note(logical_id, resource_json, resources_map, account_id, region_name):
    resource = create(logical_id, resource_json, resources_map, account_id, region_name)
    if resource is not None:
        noted_only = getattr(resource, "noted_only", False)
        note("created", resources_map.stack_id, logical_id, resource_json["Type"], notedOnly=noted_only)
    return resource


parsing.parse_resource_and_generate_name = resolve_and_note
parsing.parse_and_create_resource = create_and_note
