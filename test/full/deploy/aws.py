"""
Asks AWS's services: a question a line on standard input, an answer a line on standard output, both JSON.

question: [service, operation, parameters], by their names in the API but for the operation, which is Python's
answer:   {"result": ...} with all pages of it, or {"error": text}
"""

import json
import os
import sys

import boto3

clients = {}


def answer(service, operation, parameters):
    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    client = clients[service]
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    return getattr(client, operation)(**parameters)


def encode(value):
    return value.isoformat() if hasattr(value, "isoformat") else value.read().hex()


for line in sys.stdin:
    try:
        reply = {"result": answer(*json.loads(line))}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply, default=encode), flush=True)
