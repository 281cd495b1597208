-- What wrk sends: LOAD=stage|state|cold|move|turn. TARGETS names a file with a line for each business to ask about:
-- business_id, API key, agent_id, the number of its conversations, and its stage_ids. There are two threads.
-- LOAD=cold reads each conversation of a range once: COLD_FROM up to COLD_TO, of those that grow.py has copied from HOT ones.
--
-- Where requests may be sent more than once they are made beforehand, so that making them takes no part in what is measured; and for all threads before the
-- first one starts: wrk starts each as soon as it is set up, and the clock when all are.
local load = os.getenv("LOAD")
local prepared = 20000
local separator = "\1"
local threads = {}
local targets = {}
local requests = {}

local function any(list) return list[math.random(#list)] end

local function conversation(target) return string.format("customer-%06d", math.random(target.conversations)) end

local function headers(target, kind)
  return { ["Authorization"] = "Bearer " .. target.key, ["Accept"] = "application/json", ["Content-Type"] = kind }
end

-- What makes the n-th request of a thread.
local make = {}

function make.stage()
  local target = any(targets)
  return wrk.format("GET", "/stages/" .. any(target.stages) .. "?business_id=" .. target.business, headers(target))
end

function make.state()
  local target = any(targets)
  return wrk.format("GET", "/stages/" .. any(target.stages) .. "/state?conversation_id=" .. conversation(target), headers(target))
end

function make.move(n)
  local target = any(targets)
  local body = string.format('{"conversation_id":"%s","data":{"topic":"refund","order_id":"LL-%05d"}}', conversation(target), 10000 + n)
  return wrk.format("PUT", "/stages/" .. any(target.stages) .. "/state", headers(target, "application/json"), body)
end

-- A message is handled once: each has an id of its own. Businesses take turns, so that soon each was asked.
function make.turn(n, number)
  local target = targets[(2 * n + number) % #targets + 1]
  local body = string.format(
    '{"message_id":"%s-%d-%d","agent_id":"%s","text":"Where is my order LL-%05d? Please write to anna@example.com."}',
    run, number, n, target.agent, 10000 + n % 80000)
  return wrk.format("POST", "/conversations/" .. conversation(target) .. "-turns/messages", headers(target, "application/json"), body)
end

-- Threads take turns; the stride, a prime, spreads neighbours, which lie on the same pages.
function make.cold(n, number)
  local target, hot = targets[1], tonumber(os.getenv("HOT"))
  local first, last, stride = tonumber(os.getenv("COLD_FROM")), tonumber(os.getenv("COLD_TO")), 7919
  local place = first + ((2 * n + number) * stride) % (last - first)
  local id = string.format("customer-%06d-%d", place % hot + 1, math.floor(place / hot) + 1)
  return wrk.format("GET", "/stages/" .. any(target.stages) .. "/state?conversation_id=" .. id, headers(target))
end

local is_made_when_sent = load == "turn" or load == "cold"

local function read_targets(lines)
  for line in lines do
    local words = {}
    for word in line:gmatch("%S+") do words[#words + 1] = word end
    local target = { business = words[1], key = words[2], agent = words[3], conversations = tonumber(words[4]), stages = {} }
    for index = 5, #words do target.stages[index - 4] = words[index] end
    targets[#targets + 1] = target
  end
end

-- For each thread before it starts, in a state of Lua that is none of a thread's. A thread can be given text: its requests, or the targets with one stage each.
local texts = {}
function setup(thread)
  threads[#threads + 1] = thread
  if #threads == 1 then
    read_targets(io.lines(os.getenv("TARGETS")))
    math.randomseed(20260131)
    wrk.headers["Host"] = wrk.host .. ":" .. wrk.port
    for number = 1, 2 do
      local parts = {}
      if is_made_when_sent then
        for index, target in ipairs(targets) do
          parts[index] = table.concat({ target.business, target.key, target.agent, target.conversations, any(target.stages) }, " ")
        end
      else
        for n = 1, prepared do parts[n] = make[load](n) end
      end
      texts[number] = table.concat(parts, separator)
    end
  end
  thread:set("number", #threads)
  thread:set("text", texts[#threads])
end

-- In a thread.
function init()
  math.randomseed(20260131 + number)
  run = tostring(os.time())
  local parts = text:gmatch("[^" .. separator .. "]+")
  if is_made_when_sent then
    read_targets(parts)
  else
    for part in parts do requests[#requests + 1] = part end
  end
end

local sent = 0
function request()
  sent = sent + 1
  if is_made_when_sent then return make[load](sent, number) end
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
