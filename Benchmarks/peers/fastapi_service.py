"""What a careful team would write in Python for the same job: FastAPI, asyncpg, redis.asyncio, uvloop and orjson.

API keys and stages are kept in the process; a move is one script in Redis, which keeps nothing on the disk. As in the specification's own design
neither are data kept nor versions checked. PEER_DATABASE and PEER_REDIS are the URLs of the servers."""

import os
from contextlib import asynccontextmanager

import asyncpg
import orjson
import redis.asyncio as redis
from fastapi import FastAPI, Request, Response

MOVE = """
local previous = redis.call('HGET', KEYS[1], 'stage')
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'stage', ARGV[1])
redis.call('RPUSH', KEYS[2], (previous or '') .. '>' .. ARGV[1])
redis.call('LTRIM', KEYS[2], -100, -1)
return version
"""


@asynccontextmanager
async def lifespan(application):
    connections = redis.BlockingConnectionPool.from_url(os.environ["PEER_REDIS"], max_connections=64)
    application.redis = redis.Redis(connection_pool=connections)
    application.move = application.redis.register_script(MOVE)
    database = await asyncpg.connect(os.environ["PEER_DATABASE"])
    application.keys = {row["api_key"]: row["business_id"] for row in await database.fetch("SELECT * FROM businesses")}
    application.stages = {str(row["stage_id"]): dict(row) for row in await database.fetch("SELECT * FROM stages")}
    await database.close()
    yield
    await application.redis.aclose()


application = FastAPI(lifespan=lifespan)


def answer(value, status=200):
    return Response(orjson.dumps(value, default=str), status, media_type="application/json")


UNAUTHORIZED = answer({"error_code": "UNAUTHORIZED"}, 401)
NOT_FOUND = answer({"error_code": "NOT_FOUND"}, 404)


def business(request):
    return application.keys.get(request.headers.get("authorization", "").removeprefix("Bearer "))


def find_stage(stage_id, owner):
    stage = application.stages.get(stage_id)
    return stage if stage and stage["business_id"] == owner else None


@application.get("/stages/{stage_id}")
async def get_stage(stage_id: str, request: Request):
    if not (owner := business(request)):
        return UNAUTHORIZED
    stage = find_stage(stage_id, owner)
    return answer(stage) if stage else NOT_FOUND


@application.get("/stages/{stage_id}/state")
async def get_state(stage_id: str, conversation_id: str, request: Request):
    if not business(request):
        return UNAUTHORIZED
    stage, version = await application.redis.hmget(f"stage:{conversation_id}", "stage", "version")
    return answer({"stage_id": (stage or b"").decode(), "version": int(version or 0)})


@application.put("/stages/{stage_id}/state")
async def put_state(stage_id: str, request: Request):
    if not (owner := business(request)):
        return UNAUTHORIZED
    if not find_stage(stage_id, owner):
        return NOT_FOUND
    conversation = orjson.loads(await request.body())["conversation_id"]
    version = await application.move(keys=[f"stage:{conversation}", f"history:{conversation}"], args=[stage_id])
    return answer({"stage_id": stage_id, "version": version})
