#pragma once

#include <string_view>

/// What the scripts share, in Lua 5.1. Keys of a queue q:
///   queue:q          list, Sidekiq's: pushed left, taken right
///   kiln:q:q:spec    hash: the settings of a queue that kiln made
///          held      hash receipt -> payload, of what is in somebody's hands
///          leases    zset receipt -> ms since 1970, the server's clock: when it comes back
///          counts    hash id -> deliveries so far, of what came back
///          delayed   zset payload -> ms since 1970
///          origins   hash id -> queue, of dead letters
///   FIFO:  groups    set of those that have messages; g:GROUP list, oldest left
///          ready     zset group -> sequence of its first message, of groups that are free
///          busy      hash group -> receipt
///          bell      list, has an item while `ready` has
///          last      the last sequence; key:KEY the message that was sent with this deduplication
/// A receipt is COUNT-NONCE-ID.
namespace kiln::redis {

inline constexpr std::string_view kPrelude = R"lua(
local call = redis.call
local q = ARGV[1]
local function base(name) return 'kiln:q:' .. name .. ':' end
local function list(name) return 'queue:' .. name end
local function is_fifo(name) return string.sub(name, -5) == '.fifo' end
local P = base(q)
local fifo = is_fifo(q)
local function clock()
  local t = call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local now = clock()
local function is_known(name)
  return call('EXISTS', base(name) .. 'spec') == 1 or call('SISMEMBER', 'queues', name) == 1
end
local function decode(payload)
  local ok, job = pcall(cjson.decode, payload)
  if ok and type(job) == 'table' and type(job.class) == 'string' and type(job.args) == 'table' then
    return job
  end
end
local function id_of(job, payload)
  if type(job.jid) == 'string' and job.jid ~= '' then return job.jid end
  return redis.sha1hex(payload)
end
local function split(receipt)
  local count, id = string.match(receipt, '^(%d+)%-%x+%-(.+)$')
  return tonumber(count), id
end
local function group_of(job)
  local message = job and job.args[1]
  return type(message) == 'table' and type(message.group) == 'string' and message.group or ''
end
local function sequence_of(job)
  local message = job and job.args[1]
  return type(message) == 'table' and tonumber(message.sequence) or 0
end
-- A group that is free and has messages is ready; the bell is there while any is.
local function look_at_group(name, group)
  local B = base(name)
  local first = call('LINDEX', B .. 'g:' .. group, 0)
  if not first then call('SREM', B .. 'groups', group) end
  if first and call('HEXISTS', B .. 'busy', group) == 0 then
    call('ZADD', B .. 'ready', sequence_of(decode(first)), group)
    if call('LLEN', B .. 'bell') == 0 then call('RPUSH', B .. 'bell', '1') end
  else
    call('ZREM', B .. 'ready', group)
  end
end
local function put(name, payload, job)
  if not is_fifo(name) then return call('LPUSH', list(name), payload) end
  local group = group_of(job)
  call('RPUSH', base(name) .. 'g:' .. group, payload)
  call('SADD', base(name) .. 'groups', group)
  look_at_group(name, group)
end
local function bury(payload)
  call('ZADD', 'dead', string.format('%.3f', now / 1000), payload)
  call('ZREMRANGEBYSCORE', 'dead', '-inf', string.format('%.3f', now / 1000 - 15552000))
  call('ZREMRANGEBYRANK', 'dead', 0, -10001)
end
local function free_group(payload)
  local group = group_of(decode(payload))
  call('HDEL', P .. 'busy', group)
  look_at_group(q, group)
end
-- A delivery ends without its message being done: it is the next to be given out.
local function give_back(receipt)
  local payload = call('HGET', P .. 'held', receipt)
  call('HDEL', P .. 'held', receipt)
  call('ZREM', P .. 'leases', receipt)
  if not payload then return end
  local count, id = split(receipt)
  call('HSET', P .. 'counts', id, count)
  call('EXPIRE', P .. 'counts', 1209600)
  if fifo then
    local group = group_of(decode(payload))
    call('LPUSH', P .. 'g:' .. group, payload)
    call('SADD', P .. 'groups', group)
    free_group(payload)
  else
    call('RPUSH', list(q), payload)
  end
end
local function catch_up()
  for _, receipt in ipairs(call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, 1000)) do
    give_back(receipt)
  end
  for _, payload in ipairs(call('ZRANGEBYSCORE', P .. 'delayed', '-inf', now, 'LIMIT', 0, 1000)) do
    call('ZREM', P .. 'delayed', payload)
    call('LPUSH', list(q), payload)
  end
end
local function let_go(receipt)
  local payload = call('HGET', P .. 'held', receipt)
  if not payload then return nil end
  call('HDEL', P .. 'held', receipt)
  call('ZREM', P .. 'leases', receipt)
  if fifo then free_group(payload) end
  return payload
end
-- The payload with that id in a list of a queue, looked for from where it is taken.
local function find(key, id)
  for from = 0, call('LLEN', key) - 1, 100 do
    for _, payload in ipairs(call('LRANGE', key, -from - 100, -from - 1)) do
      if string.find(payload, id, 1, true) and id_of(decode(payload) or {}, payload) == id then return payload end
    end
  end
end
-- Of a message that came back. True: it was there.
local function take_back(id)
  local payload = call('HEXISTS', P .. 'counts', id) == 1 and find(list(q), id)
  if not payload then return false end
  call('LREM', list(q), -1, payload)
  call('HDEL', P .. 'counts', id)
  return true
end
)lua";

}  // namespace kiln::redis
