-- What wrk sends: LOAD=stage|state|move|turn, about CONVERSATIONS conversations and the stages in STAGES, with KEY.
-- Requests are made beforehand, so that making them takes no part in what is measured.
local load = os.getenv("LOAD")
local conversations = tonumber(os.getenv("CONVERSATIONS"))
local prepared = 20000
local threads = 0
local requests = {}
local make_now

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  math.randomseed(20260131 + number)
  local headers = { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Accept"] = "application/json" }
  local stages = {}
  for id in os.getenv("STAGES"):gmatch("%S+") do stages[#stages + 1] = id end
  local function any(list) return list[math.random(#list)] end
  local function conversation() return string.format("customer-%06d", math.random(conversations)) end
  local make = {
    stage = function()
      return wrk.format("GET", "/stages/" .. stages[1] .. "?business_id=" .. os.getenv("BUSINESS"), headers)
    end,
    state = function()
      return wrk.format("GET", "/stages/" .. stages[1] .. "/state?conversation_id=" .. conversation(), headers)
    end,
    move = function(n)
      headers["Content-Type"] = "application/json"
      local body = string.format(
        '{"conversation_id":"%s","data":{"topic":"refund","order_id":"LL-%05d"}}', conversation(), 10000 + n)
      return wrk.format("PUT", "/stages/" .. any(stages) .. "/state", headers, body)
    end,
  }
  if load == "turn" then
    -- A message is handled once: each has an id of its own, so that it is made when it is sent.
    headers["Content-Type"] = "application/json"
    local run = tostring(os.time()) .. "-" .. number
    make.turn = function(n)
      local body = string.format(
        '{"message_id":"%s-%d","agent_id":"%s","text":"Where is my order LL-%05d? Please write to anna@example.com."}',
        run, n, os.getenv("AGENT"), 10000 + n % 80000)
      return wrk.format("POST", "/conversations/" .. conversation() .. "-turns/messages", headers, body)
    end
    make_now = make.turn
    return
  end
  for n = 1, load == "stage" and 1 or prepared do requests[n] = make[load](n) end
end

local sent = 0
function request()
  sent = sent + 1
  if make_now then return make_now(sent) end
  return requests[(sent - 1) % #requests + 1]
end

-- One line of JSON: all that the report needs; times in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
