-- Submissions for wrk, each for other days: no two of a run are equal. FIRST says with which to
-- begin, TOKEN what the service wants; the last line of the output says where the next may begin.
local first = tonumber(os.getenv("FIRST") or "0")
local epoch = os.time({ year = 2020, month = 1, day = 1, hour = 12 })
local spread = 1000
sent = 0
local text = '{"exchange":"binance","symbols":["BTCUSDT"],"data_types":["trades"],' ..
    '"start_date":"%s","end_date":"%s"}'

local function day(number)
    return os.date("!%Y-%m-%d", epoch + number * 86400)
end

local days = {}
for number = 0, 2 * spread do days[number] = day(number) end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function init()
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["X-Username"] = "bench"
    wrk.headers["X-API-Token"] = os.getenv("TOKEN") or ""
end

function request()
    local number = first + sent
    sent = sent + 1
    local start = number % spread
    local length = math.floor(number / spread) % spread
    return wrk.format(nil, nil, nil, text:format(days[start], days[start + length]))
end

function done()
    local total = first
    for _, thread in ipairs(threads) do total = total + thread:get("sent") end
    print("sent: " .. total)
end
