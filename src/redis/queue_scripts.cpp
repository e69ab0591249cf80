#include "redis/prelude.hpp"
#include "redis/script.hpp"

#include <string>

// What a queue is, and how messages get into it and out of it.
namespace kiln::redis::scripts {

namespace {

Script make(std::string_view body, Script::When when) {
    return Script{std::string{kPrelude} + std::string{body}, when};
}

using enum Script::When;

constexpr std::string_view kForget = R"lua(
for _, group in ipairs(call('SMEMBERS', P .. 'groups')) do call('UNLINK', P .. 'g:' .. group) end
call('UNLINK', list(q), P .. 'held', P .. 'leases', P .. 'counts', P .. 'delayed', P .. 'origins',
  P .. 'groups', P .. 'ready', P .. 'busy', P .. 'bell')
)lua";

}  // namespace

const Script& create() {
    static const auto script = make(
        R"lua(
local have = call('HGET', P .. 'spec', 'json')
if have and have ~= ARGV[2] then return {'conflict'} end
local dead = ARGV[3]
if dead ~= '' and not is_known(dead) then return {'unknown'} end
for i = 4, #ARGV, 2 do call('HSET', P .. 'spec', ARGV[i], ARGV[i + 1]) end
call('HSET', P .. 'spec', 'json', ARGV[2])
call('SADD', 'kiln:queues', q)
if not fifo then call('SADD', 'queues', q) end
return {'ok'}
)lua",
        memory_is_left
    );
    return script;
}

const Script& destroy() {
    static const auto script = make(
        std::string{kForget} + R"lua(
call('UNLINK', P .. 'spec', P .. 'last')
call('SREM', 'kiln:queues', q)
call('SREM', 'queues', q)
return {'ok'}
)lua",
        always
    );
    return script;
}

const Script& purge() {
    static const auto script = make(
        "if not is_known(q) then return {'unknown'} end" + std::string{kForget} + "return {'ok'}",
        always
    );
    return script;
}

const Script& depth() {
    static const auto script = make(
        R"lua(
if not is_known(q) then return {'unknown'} end
catch_up()
local visible = call('LLEN', list(q))
local oldest = call('LINDEX', list(q), -1)
for _, group in ipairs(call('SMEMBERS', P .. 'groups')) do
  visible = visible + call('LLEN', P .. 'g:' .. group)
end
return {'ok', visible, call('HLEN', P .. 'held'), call('ZCARD', P .. 'delayed'), oldest or ''}
)lua",
        always
    );
    return script;
}

const Script& send() {
    static const auto script = make(
        R"lua(
if not is_known(q) then return {'unknown'} end
local usual = tonumber(call('HGET', P .. 'spec', 'delay') or '0') * 1000
call('SADD', 'queues', q)
for i = 2, #ARGV, 2 do
  local delay = tonumber(ARGV[i + 1])
  if delay < 0 then delay = usual end
  if delay > 0 then
    call('ZADD', P .. 'delayed', now + delay, ARGV[i])
  else
    call('LPUSH', list(q), ARGV[i])
  end
end
return {'ok'}
)lua",
        memory_is_left
    );
    return script;
}

const Script& send_fifo() {
    static const auto script = make(
        R"lua(
if not is_known(q) then return {'unknown'} end
local out = {'ok'}
for i = 2, #ARGV, 5 do
  local before, after, group, id, key = unpack(ARGV, i, i + 4)
  local sent = call('GET', P .. 'key:' .. key)
  if not sent then
    local sequence = string.format('%020.0f', call('INCR', P .. 'last'))
    call('SET', P .. 'key:' .. key, id .. ' ' .. sequence, 'PX', 300000)
    call('RPUSH', P .. 'g:' .. group, before .. sequence .. after)
    call('SADD', P .. 'groups', group)
    look_at_group(q, group)
    sent = id .. ' ' .. sequence
  end
  out[#out + 1] = string.match(sent, '^(%S+)')
  out[#out + 1] = string.match(sent, '(%S+)$')
end
return out
)lua",
        memory_is_left
    );
    return script;
}

const Script& take() {
    static const auto script = make(
        R"lua(
local most, lease, nonce, messages = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5] == 'messages'
if messages and not is_known(q) then return {'unknown'} end
catch_up()
local spec = call('HMGET', P .. 'spec', 'visibility', 'retention', 'dead_queue', 'dead_receives')
if lease < 0 then lease = tonumber(spec[1] or '30') * 1000 end
local out, got, group = {'ok', -1}, 0, nil
local function next_payload()
  if not fifo then return call('RPOP', list(q)) end
  group = call('ZRANGE', P .. 'ready', 0, 0)[1]
  return group and call('LPOP', P .. 'g:' .. group)
end
local function hand_out(payload, id, count)
  local receipt = count .. '-' .. nonce .. string.format('%02x', got) .. '-' .. id
  got = got + 1
  call('HSET', P .. 'held', receipt, payload)
  call('ZADD', P .. 'leases', now + lease, receipt)
  if fifo then call('HSET', P .. 'busy', group, receipt) end
  out[#out + 1] = receipt
  out[#out + 1] = payload
end
while got < most do
  local payload = next_payload()
  if not payload then break end
  local job = decode(payload)
  if not job then
    bury(payload)
  else
    local id = id_of(job, payload)
    local count = tonumber(call('HGET', P .. 'counts', id) or '0')
    if count > 0 then call('HDEL', P .. 'counts', id) end
    local old = messages and spec[2] and job.class == 'Kiln::Message' and type(job.created_at) == 'number'
      and job.created_at + tonumber(spec[2]) < now / 1000
    if not old and messages and spec[3] and count >= tonumber(spec[4]) then
      call('HSET', base(spec[3]) .. 'origins', id, q)
      put(spec[3], payload, job)
    elseif not old then
      hand_out(payload, id, count + 1)
    end
  end
  if fifo then look_at_group(q, group) end
end
if fifo and call('ZCARD', P .. 'ready') == 0 then call('UNLINK', P .. 'bell') end
for _, key in ipairs({'leases', 'delayed'}) do
  local first = call('ZRANGE', P .. key, 0, 0, 'WITHSCORES')[2]
  if first then
    local left = math.max(0, tonumber(first) - now)
    if out[2] < 0 or left < out[2] then out[2] = left end
  end
end
return out
)lua",
        always
    );
    return script;
}

const Script& extend() {
    static const auto script = make(
        R"lua(
if not is_known(q) and call('EXISTS', P .. 'held') == 0 then return {'unknown'} end
local receipt, lease = ARGV[2], tonumber(ARGV[3])
local ends = call('ZSCORE', P .. 'leases', receipt)
if not ends or tonumber(ends) <= now then
  catch_up()
  return {'over'}
end
if lease > 0 then
  call('ZADD', P .. 'leases', now + lease, receipt)
else
  give_back(receipt)
end
return {'ok'}
)lua",
        always
    );
    return script;
}

const Script& remove() {
    static const auto script = make(
        R"lua(
if not is_known(q) and call('EXISTS', P .. 'held') == 0 then return {'unknown'} end
local receipt = ARGV[2]
if fifo then catch_up() end
if let_go(receipt) then return {'ok'} end
-- The delivery is over. The message is done all the same: wherever it is by now, it goes.
local _, id = split(receipt)
for _, other in ipairs(call('HKEYS', P .. 'held')) do
  local _, held = split(other)
  if held == id then
    if fifo then return {'over'} end
    let_go(other)
    return {'ok'}
  end
end
if fifo then
  for _, group in ipairs(call('SMEMBERS', P .. 'groups')) do
    if find(P .. 'g:' .. group, id) then return {'over'} end
  end
  return {'ok'}
end
take_back(id)
return {'ok'}
)lua",
        always
    );
    return script;
}

const Script& redrive() {
    static const auto script = make(
        R"lua(
local usual, most, moved = ARGV[2], tonumber(ARGV[3]), 0
catch_up()
local function move(key, side)
  while moved < most do
    local payload = call(side, key)
    if not payload then return end
    local job = decode(payload)
    if job then
      local id = id_of(job, payload)
      local source = call('HGET', P .. 'origins', id)
      call('HDEL', P .. 'origins', id)
      call('HDEL', P .. 'counts', id)
      put(source and is_known(source) and source or usual, payload, job)
    else
      bury(payload)
    end
    moved = moved + 1
  end
end
move(list(q), 'RPOP')
for _, group in ipairs(call('SMEMBERS', P .. 'groups')) do
  if call('HEXISTS', P .. 'busy', group) == 0 then
    move(P .. 'g:' .. group, 'LPOP')
    look_at_group(q, group)
  end
end
return moved
)lua",
        always
    );
    return script;
}

}  // namespace kiln::redis::scripts
