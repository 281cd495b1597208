"""The specification's own design, run as its authors would: Flask, a pool of psycopg2's connections, and redis-py.

Every request's API key is looked up in the database; a conversation's state is a string of JSON in Redis, which keeps nothing on the disk. Neither
are data kept nor versions checked: a move that meets another may be lost. PEER_DATABASE and PEER_REDIS are the URLs of the servers."""

import json
import os
from uuid import UUID

import redis
from flask import Flask, g, jsonify, request
from psycopg2.extras import RealDictCursor
from psycopg2.pool import ThreadedConnectionPool

HISTORY_LIMIT = 100

application = Flask(__name__)
pool = ThreadedConnectionPool(2, 16, os.environ["PEER_DATABASE"])


class StageService:
    """The specification's service: reads and sets where a conversation is."""

    def __init__(self, client):
        self.redis = client

    def get_current_stage(self, conversation):
        text = self.redis.get(f"stage:{conversation}")
        return json.loads(text) if text else None

    def set_current_stage(self, conversation, stage):
        previous = self.get_current_stage(conversation) or {}
        state = {"stage_id": stage, "version": previous.get("version", 0) + 1}
        pipeline = self.redis.pipeline()
        pipeline.set(f"stage:{conversation}", json.dumps(state))
        pipeline.rpush(f"history:{conversation}", json.dumps({"from": previous.get("stage_id"), "to": stage}))
        pipeline.ltrim(f"history:{conversation}", -HISTORY_LIMIT, -1)
        pipeline.execute()
        return state


service = StageService(redis.Redis.from_url(os.environ["PEER_REDIS"], decode_responses=True))


@application.before_request
def authenticate():
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    g.connection = pool.getconn()
    with g.connection.cursor() as cursor:
        cursor.execute("SELECT business_id FROM businesses WHERE api_key = %s", (key,))
        row = cursor.fetchone()
    if row is None:
        return jsonify(error_code="UNAUTHORIZED"), 401
    g.business_id = str(row[0])
    return None


@application.teardown_request
def release(_):
    if "connection" in g:
        g.connection.rollback()
        pool.putconn(g.connection)


def plain(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def find_stage(stage_id, columns="*"):
    with g.connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(f"SELECT {columns} FROM stages WHERE business_id = %s AND stage_id = %s", (g.business_id, stage_id))
        row = cursor.fetchone()
    return row and {name: plain(value) for name, value in row.items()}


@application.get("/stages/<stage_id>")
def get_stage(stage_id):
    stage = find_stage(stage_id)
    return jsonify(stage) if stage else (jsonify(error_code="NOT_FOUND"), 404)


@application.get("/stages/<stage_id>/state")
def get_state(stage_id):
    return jsonify(service.get_current_stage(request.args["conversation_id"]) or {})


@application.put("/stages/<stage_id>/state")
def put_state(stage_id):
    if not find_stage(stage_id, "stage_id"):
        return jsonify(error_code="NOT_FOUND"), 404
    return jsonify(service.set_current_stage(request.get_json()["conversation_id"], stage_id))
