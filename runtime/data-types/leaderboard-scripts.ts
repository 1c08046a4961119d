/**
 * - `shared`: members with one score share a place, and the next place counts them all: 1, 2, 2, 4;
 * - `first-wins`: who reached the score first stands before: 1, 2, 3, 4.
 */
export type Ties = 'shared' | 'first-wins';

/**
 * The Lua of leaderboards. A board is a sorted set, best first: where the highest score is best, scores are stored
 * with their sign turned. So members of one score are in the order of their bytes on either kind of board.
 *
 * On a `first-wins` board an entry of the sorted set is a ticket followed by the member. Tickets are seven bytes from
 * a counter, so entries of one score are in the order in which they got it. A hash finds a member's ticket.
 */
export interface LeaderboardScripts {
  /** `KEYS`: board, log, tickets. `ARGV`: life command, life, operation, amount, member. Returns scores before and after. */
  readonly change: string;
  /** `KEYS`: board, tickets. `ARGV`: member. */
  readonly score: string;
  /** `KEYS`: board, tickets. `ARGV`: first and last position. Returns size, position and place of the first, entries. */
  readonly range: string;
  /** `KEYS`: board, tickets. `ARGV`: member, radius. Returns as `range`, or nothing. */
  readonly around: string;
  /** `KEYS`: board, log, staging, tickets, staged tickets. */
  readonly fill: string;
  /** As `fill`. */
  readonly finish: string;
}

/** Bytes of a ticket; Lua counts exactly up to 2^53, which lasts for 285 years at a million a second. */
export const TICKET_BYTES = 7;

const NUMBERS = `
local function text(number) return string.format('%.17g', number) end
local function isFinite(number) return number - number == 0 end`;

const SHARED = `
local function entryOf(tickets, member) return member end
local function settle(board, tickets) end
local function drop(board, tickets, member) redis.call('ZREM', board, member) end
local function put(board, tickets, member, score) redis.call('ZADD', board, text(score), member) end
local function putAll(board, tickets, pairsFrom) redis.call('ZADD', board, unpack(ARGV, pairsFrom)) end
local function placeOf(board, position, score) return redis.call('ZCOUNT', board, '-inf', '(' .. score) + 1 end
local function has(board, tickets) return redis.call('EXISTS', board) == 1 end`;

// The counter's field is a byte that no UTF-8 text has, so it is no member's.
// One of the two keys without the other is what an eviction left: both begin anew, as after any loss.
const FIRST_WINS = `
local COUNTER = '\\255'
local function entryOf(tickets, member)
  local ticket = redis.call('HGET', tickets, member)
  return ticket and ticket .. member
end
local function settle(board, tickets)
  if redis.call('EXISTS', board) ~= redis.call('EXISTS', tickets) then redis.call('UNLINK', board, tickets) end
end
local function drop(board, tickets, member)
  local entry = entryOf(tickets, member)
  if entry then
    redis.call('ZREM', board, entry)
    redis.call('HDEL', tickets, member)
  end
end
local function put(board, tickets, member, score)
  drop(board, tickets, member)
  local ticket = struct.pack('>I${TICKET_BYTES}', redis.call('HINCRBY', tickets, COUNTER, 1))
  redis.call('HSET', tickets, member, ticket)
  redis.call('ZADD', board, text(score), ticket .. member)
end
local function putAll(board, tickets, pairsFrom)
  local members = {}
  for index = pairsFrom + 1, #ARGV, 2 do members[#members + 1] = ARGV[index] end
  local before = redis.call('HMGET', tickets, unpack(members))
  local ticket = redis.call('HINCRBY', tickets, COUNTER, #members) - #members
  local stale, fields, entries = {}, {}, {}
  for index, member in ipairs(members) do
    local packed = struct.pack('>I${TICKET_BYTES}', ticket + index)
    if before[index] then stale[#stale + 1] = before[index] .. member end
    fields[2 * index - 1], fields[2 * index] = member, packed
    entries[2 * index - 1], entries[2 * index] = ARGV[pairsFrom + 2 * index - 2], packed .. member
  end
  if #stale > 0 then redis.call('ZREM', board, unpack(stale)) end
  redis.call('HSET', tickets, unpack(fields))
  redis.call('ZADD', board, unpack(entries))
end
local function placeOf(board, position, score) return position + 1 end
local function has(board, tickets) return redis.call('EXISTS', board, tickets) == 2 end`;

const SCORE_OF = `
local function scoreOf(board, tickets, member)
  local entry = entryOf(tickets, member)
  return entry and tonumber(redis.call('ZSCORE', board, entry))
end`;

const APPLY = `
local function apply(board, tickets, operation, amount, member)
  settle(board, tickets)
  local before = scoreOf(board, tickets, member)
  if operation == 'remove' then
    if before then drop(board, tickets, member) end
    return before, nil
  end
  local after = amount
  if operation == 'increment' then
    after = (before or 0) + amount
  elseif operation == 'improve' and before and before <= amount then
    after = before
  end
  if not isFinite(after) then return before, nil end
  if after ~= before then put(board, tickets, member, after) end
  return before, after
end`;

const CHANGE = `
local before, after = apply(KEYS[1], KEYS[3], ARGV[3], tonumber(ARGV[4]), ARGV[5])
if after or ARGV[3] == 'remove' then
  redis.call('RPUSHX', KEYS[2], ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
  if ARGV[1] ~= '' then
    redis.call(ARGV[1], KEYS[1], ARGV[2])
    if KEYS[3] then redis.call(ARGV[1], KEYS[3], ARGV[2]) end
  end
end
return {before and text(before) or false, after and text(after) or false}`;

const SCORE = `
local score = scoreOf(KEYS[1], KEYS[2], ARGV[1])
return score and text(score)`;

const PLACES = `
local function places(first, last)
  local entries = redis.call('ZRANGE', KEYS[1], first, last, 'WITHSCORES')
  local place = entries[2] and placeOf(KEYS[1], first, entries[2]) or 0
  return {redis.call('ZCARD', KEYS[1]), first, place, entries}
end`;

const RANGE = `
return places(tonumber(ARGV[1]), tonumber(ARGV[2]))`;

const AROUND = `
local entry = entryOf(KEYS[2], ARGV[1])
local position = entry and redis.call('ZRANK', KEYS[1], entry)
if not position then return false end
return places(math.max(0, position - ARGV[2]), position + ARGV[2])`;

// ARGV of both: generation, id of the rebuild, lease, number of this step, whether something is staged.
// A step whose answer was lost is asked for again and found done. One that a failover undid is missed by the next.
const STEP = `
local FINISHED = ${Number.MAX_SAFE_INTEGER}
local number = tonumber(ARGV[4])
local readers = redis.call('LINDEX', KEYS[2], 0) == ARGV[1] and redis.call('LINDEX', KEYS[2], 1)
local done = readers and tonumber(string.match(readers, ARGV[2] .. ':(%d+) '))
local lost = done ~= number - 1 or (ARGV[5] == '1' and not has(KEYS[3], KEYS[5]))
local function record(step)
  redis.call('LSET', KEYS[2], 1, (string.gsub(readers, ARGV[2] .. ':%d+ ', string.format('%s:%.0f ', ARGV[2], step))))
  for _, key in ipairs({KEYS[2], KEYS[3], KEYS[5]}) do redis.call('PEXPIRE', key, ARGV[3]) end
end`;

// Then: score, member, score, member …, no member twice.
const FILL = `
if done == number then return 1 end
if lost then return false end
putAll(KEYS[3], KEYS[5], 6)
record(number)
return 1`;

// Then: position in the log, changes to replay at once, life command, life.
const FINISH = `
if done == FINISHED then return {1, 0, 0} end
local first, most = tonumber(ARGV[6]), tonumber(ARGV[7])
if done ~= number then
  if lost then return false end
  local changes = redis.call('LRANGE', KEYS[2], first, first + most - 1)
  for _, change in ipairs(changes) do
    local operation, amount, member = string.match(change, '^(%l+) (%S+) (.*)$')
    apply(KEYS[3], KEYS[5], operation, tonumber(amount), member)
  end
  if #changes < most then
    for _, names in ipairs({{KEYS[3], KEYS[1]}, {KEYS[5], KEYS[4]}}) do
      local staged, live = names[1], names[2]
      if live then redis.call('UNLINK', live) end
      if live and redis.call('EXISTS', staged) == 1 then
        redis.call('RENAME', staged, live)
        if ARGV[8] == '' then redis.call('PERSIST', live) else redis.call(ARGV[8], live, ARGV[9]) end
      end
    end
    record(FINISHED)
    return {1, 0, 0}
  end
  record(number)
end
return {0, first + most, has(KEYS[3], KEYS[5]) and 1 or 0}`;

/**
 * `KEYS`: board, log. `ARGV`: id of the rebuild, lease, most changes that a log may hold when a rebuild joins it. The log is
 * a list: its generation, the rebuilds that read it with their last steps, then the changes since the first began.
 */
export const BEGIN_REBUILD = `
if redis.call('LLEN', KEYS[2]) > tonumber(ARGV[3]) then redis.call('UNLINK', KEYS[2]) end
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('RPUSH', KEYS[2], ARGV[1], '') end
redis.call('LSET', KEYS[2], 1, redis.call('LINDEX', KEYS[2], 1) .. ARGV[1] .. ':0 ')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {redis.call('LINDEX', KEYS[2], 0), redis.call('LLEN', KEYS[2])}`;

/** `KEYS`: board, log, staging, staged tickets. `ARGV`: id of the rebuild. */
export const END_REBUILD = `
redis.call('UNLINK', unpack(KEYS, 3))
local readers = redis.call('LINDEX', KEYS[2], 1)
if readers then
  readers = string.gsub(readers, ARGV[1] .. ':%d+ ', '')
  if readers == '' then redis.call('UNLINK', KEYS[2]) else redis.call('LSET', KEYS[2], 1, readers) end
end`;

function scriptsOf(ties: string): LeaderboardScripts {
  const kind = NUMBERS + ties;
  return {
    change: kind + SCORE_OF + APPLY + CHANGE,
    score: kind + SCORE_OF + SCORE,
    range: kind + PLACES + RANGE,
    around: kind + PLACES + AROUND,
    fill: kind + STEP + FILL,
    finish: kind + SCORE_OF + APPLY + STEP + FINISH,
  };
}

export const LEADERBOARD_SCRIPTS: Readonly<Record<Ties, LeaderboardScripts>> = {
  shared: scriptsOf(SHARED),
  'first-wins': scriptsOf(FIRST_WINS),
};
