-- Counters that replicas share. One call is one decision: it happens as a whole, or not at all.
--
-- KEYS: state, leases, held, then one key a scope. All carry one hash tag, so they share a slot; the keys
-- of scopes that a lease has held are read from `held`, in that slot too.
-- ARGV: the operation, and what it asks (MessagePack). The answer is MessagePack: a status and more.
--
--   state   the epoch of these counters, and when they were filled from the trail
--   leases  reservations by the millisecond in which they end, unless they are renewed
--   held    what each has reserved; after its settlement, that it is settled, so that a repetition does nothing
--   scope   e: epoch, m: month, s: money spent in it, n: reservations that run,
--           and a bucket of requests (r) and of tokens (t): level (l), size (z), time of the last look (a)
--
-- The arithmetic is that of gateway/limits/token_bucket.py and use.py, in the same order: both give the same.
local STATE, LEASES, HELD = KEYS[1], KEYS[2], KEYS[3]
local FIRST = 3
local MINUTE = 60
local SETTLED_MS = 60000 -- for how long a settlement is remembered
local KEPT_S = 35 * 86400 -- longer than a month
local SWEPT = 64
local op, ask = ARGV[1], cmsgpack.unpack(ARGV[2])

local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local now_ms = math.floor(now * 1000)

local function month_of(seconds) -- Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days
  local z = math.floor(seconds / 86400) + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  return string.format('%04d-%02d', yoe + era * 400 + (month <= 2 and 1 or 0), month)
end

local function reply(...) return cmsgpack.pack({...}) end
local function exact(number) return string.format('%.17g', number) end

local state = redis.call('HMGET', STATE, 'epoch', 'since')
local epoch, since = state[1], tonumber(state[2] or 0)
if epoch and ask.fresh then -- the server did not know this script: it was started again, and may have old counters
  redis.call('DEL', STATE)
  epoch = false
end

local function bucket_of(level, size, at)
  return level and {level = tonumber(level), size = tonumber(size), at = tonumber(at)} or nil
end

local function load(key)
  local f = redis.call('HMGET', key, 'e', 'm', 's', 'n', 'rl', 'rz', 'ra', 'tl', 'tz', 'ta')
  if f[1] ~= epoch then return {key = key, month = '', spent = 0, running = 0} end
  return {
    key = key, month = f[2], spent = tonumber(f[3]), running = tonumber(f[4]),
    requests = bucket_of(f[5], f[6], f[7]), tokens = bucket_of(f[8], f[9], f[10]),
  }
end

local function save(one)
  local f = {'e', epoch, 'm', one.month, 's', exact(one.spent), 'n', one.running}
  for name, bucket in pairs({r = one.requests or false, t = one.tokens or false}) do
    if bucket then
      for field, value in pairs({l = bucket.level, z = bucket.size, a = bucket.at}) do
        f[#f + 1] = name .. field
        f[#f + 1] = exact(value)
      end
    end
  end
  redis.call('HSET', one.key, unpack(f))
  redis.call('EXPIRE', one.key, KEPT_S)
end

local function spend(one, month, cost)
  if month == one.month then
    one.spent = one.spent + cost
  elseif month > one.month then
    one.month, one.spent = month, cost
  end
end

local function refill(bucket)
  bucket.level = math.min(bucket.size, bucket.level + (now - bucket.at) * bucket.size / MINUTE)
  bucket.at = now
end

local function sized(bucket, size)
  if not bucket then return {level = size, size = size, at = now} end
  if bucket.size ~= size then
    refill(bucket)
    bucket.level = bucket.level + size - bucket.size
    bucket.size = size
  end
  return bucket
end

local function wait(bucket, amount)
  refill(bucket)
  local needed = math.min(amount, bucket.size)
  if bucket.level >= needed and bucket.size > 0 then return 0 end
  if bucket.size <= 0 then return MINUTE end
  return math.max(1, math.ceil((needed - bucket.level) * MINUTE / bucket.size))
end

local function room(bucket)
  refill(bucket)
  local missing = bucket.size > 0 and (bucket.size - bucket.level) / bucket.size or 1
  return {bucket.size, math.max(0, math.floor(bucket.level)), math.max(0, math.ceil(missing * MINUTE))}
end

local function tightest(buckets)
  local least
  for _, bucket in ipairs(buckets) do
    refill(bucket)
    if not least or bucket.level < least.level then least = bucket end
  end
  return least and room(least) or false
end

-- The longest wait for an amount of a kind of bucket, and whose; the buckets of `limited` scopes.
local function longest(scopes, kind, limited, amount)
  local most, whose, found = 0, 0, {}
  for number, one in ipairs(scopes) do
    local size = limited(ask.scopes[number])
    if size then
      one[kind] = sized(one[kind], size)
      found[#found + 1] = one[kind]
      local seconds = wait(one[kind], amount)
      if seconds > most then most, whose = seconds, number end
    end
  end
  return most, whose, found
end

-- Ends a reservation: of its money `cost` is spent, of its tokens `used`, or all where that is nil.
local function release(id, cost, used)
  local packed = redis.call('HGET', HELD, id)
  if not packed then return false end
  local held = cmsgpack.unpack(packed)
  if held.epoch ~= epoch then return false end
  if held.settled then return true end
  for number, key in ipairs(held.keys) do
    local one = load(key)
    spend(one, held.month, cost - held.cost)
    one.running = math.max(0, one.running - 1)
    if used and held.limited[number] and one.tokens then
      refill(one.tokens)
      one.tokens.level = math.min(one.tokens.size, one.tokens.level + held.tokens - used)
    end
    save(one)
  end
  return true
end

local function hold(id, held)
  redis.call('HSET', HELD, id, cmsgpack.pack(held))
  redis.call('ZADD', LEASES, now_ms + ask.lease, id)
end

-- Reservations of gateways that are gone cost nothing, as in the trail.
local function sweep()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', now_ms, 'LIMIT', 0, SWEPT)) do
    if epoch then release(id, 0, nil) end
    redis.call('HDEL', HELD, id)
    redis.call('ZREM', LEASES, id)
  end
end

local function loaded()
  local scopes = {}
  for number = FIRST + 1, #KEYS do scopes[#scopes + 1] = load(KEYS[number]) end
  return scopes
end

local function save_all(scopes)
  for _, one in ipairs(scopes) do save(one) end
end

local function requests_a_minute(limits) return limits[1] end
local function requests_at_departure(limits) return limits[5] and limits[1] end
local function tokens_a_minute(limits) return limits[2] end

local operations = {}

-- Counts one request of an admission.
function operations.take()
  local scopes = loaded()
  local seconds, whose, buckets = longest(scopes, 'requests', requests_a_minute, 1)
  if seconds > 0 then return reply('requests', epoch, whose, seconds) end
  for _, bucket in ipairs(buckets) do bucket.level = bucket.level - 1 end
  save_all(scopes)
  return reply('ok', epoch, tightest(buckets), false, '')
end

-- Reserves money, tokens and a place for one departure; ask.scopes: requests, tokens, concurrent, budget, late.
function operations.reserve()
  local packed = redis.call('HGET', HELD, ask.id)
  local known = packed and cmsgpack.unpack(packed)
  if known and known.settled then return reply('late', epoch, 0, 0) end -- it was given up before it came
  if known and known.epoch == epoch then return reply('ok', epoch, false, false, known.month) end -- a repetition
  local month, scopes = month_of(now), loaded()
  for number, one in ipairs(scopes) do
    local budget = ask.scopes[number][4]
    local spent = one.month == month and one.spent or 0
    if ask.cost > 0 and budget and spent + ask.cost > budget then return reply('budget', epoch, number, 0) end
  end
  for number, one in ipairs(scopes) do
    local most = ask.scopes[number][3]
    if most and one.running >= most then return reply('busy', epoch, number, 0) end
  end
  local seconds, whose, tokens = longest(scopes, 'tokens', tokens_a_minute, ask.tokens)
  if seconds > 0 then return reply('tokens', epoch, whose, seconds) end
  local late, requests, _
  seconds, whose, late = longest(scopes, 'requests', requests_at_departure, 1)
  if seconds > 0 then return reply('requests', epoch, whose, seconds) end
  local keys, limited = {}, {}
  for _, bucket in ipairs(late) do bucket.level = bucket.level - 1 end
  if #late > 0 then _, _, requests = longest(scopes, 'requests', requests_a_minute, 0) end
  for number, one in ipairs(scopes) do
    if ask.scopes[number][2] then one.tokens.level = one.tokens.level - ask.tokens end
    spend(one, month, ask.cost)
    one.running = one.running + 1
    keys[number], limited[number] = one.key, ask.scopes[number][2] and true or false
    save(one)
  end
  hold(ask.id, {epoch = epoch, month = month, cost = ask.cost, tokens = ask.tokens, keys = keys, limited = limited})
  return reply('ok', epoch, tightest(requests or {}), tightest(tokens), month)
end

-- Replaces a reservation by what was used. One that is unknown here is added, unless the trail, when the
-- counters were filled from it, had it already; `age` is how long ago it ended, in seconds.
function operations.settle()
  if not release(ask.id, ask.cost, ask.used) and now - ask.age >= since then
    local month = ask.month ~= '' and ask.month or month_of(now - ask.age)
    for _, one in ipairs(loaded()) do
      spend(one, month, ask.cost)
      save(one)
    end
  end
  redis.call('HSET', HELD, ask.id, cmsgpack.pack({epoch = epoch, settled = true}))
  redis.call('ZADD', LEASES, now_ms + SETTLED_MS, ask.id)
  return reply('ok', epoch)
end

-- Extends leases; what was reserved under an earlier epoch is reserved again, without asking whether it fits.
function operations.renew()
  local place = FIRST
  for _, one in ipairs(ask.held) do
    local keys = {}
    for number = 1, #one.limited do keys[number] = KEYS[place + number] end
    place = place + #keys
    local packed = redis.call('HGET', HELD, one.id)
    local known = packed and cmsgpack.unpack(packed)
    if known and known.epoch == epoch then
      if not known.settled then redis.call('ZADD', LEASES, now_ms + ask.lease, one.id) end
    elseif one.epoch ~= epoch then
      local month = one.month ~= '' and one.month or month_of(now)
      for _, key in ipairs(keys) do
        local scope = load(key)
        spend(scope, month, one.cost)
        scope.running = scope.running + 1
        save(scope)
      end
      hold(one.id, {
        epoch = epoch, month = month, cost = one.cost, tokens = one.tokens, keys = keys, limited = one.limited,
      })
    end
  end
  return reply('ok', epoch)
end

function operations.look() return reply('ok', epoch) end

-- Gives these counters up: something was not counted in them.
function operations.forget()
  if ask.epoch == epoch then redis.call('DEL', STATE) end
  return reply('empty', '')
end

local filling = {}

-- One gateway at a time fills empty counters; says since when they count.
function filling.lock()
  if not redis.call('SET', STATE .. ':filling', ask.token, 'NX', 'PX', ask.lease) then return reply('busy', '') end
  return reply('locked', '', exact(now))
end

function filling.unlock()
  if redis.call('GET', STATE .. ':filling') == ask.token then redis.call('DEL', STATE .. ':filling') end
  return reply('ok', '')
end

-- Writes the money of a month; the last call puts the counters into use.
function filling.fill()
  if redis.call('GET', STATE .. ':filling') ~= ask.token then return reply('busy', '') end
  for number, spent in ipairs(ask.spent) do
    local key = KEYS[FIRST + number]
    redis.call('DEL', key)
    redis.call('HSET', key, 'e', ask.token, 'm', ask.month, 's', exact(spent), 'n', 0)
    redis.call('EXPIRE', key, KEPT_S)
  end
  if ask.last then
    redis.call('HSET', STATE, 'epoch', ask.token, 'since', exact(ask.since))
    redis.call('DEL', STATE .. ':filling')
  end
  return reply('ok', ask.token)
end

if filling[op] then
  if epoch then return reply('ready', epoch) end
  return filling[op]()
end
if not epoch then return reply('empty', '') end
sweep()
return operations[op]()
