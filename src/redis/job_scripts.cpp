#include "redis/prelude.hpp"
#include "redis/script.hpp"

#include <string>

// What becomes of jobs, in Sidekiq's keys.
namespace kiln::redis::scripts {

namespace {

Script make(std::string_view body, Script::When when) {
    return Script{std::string{kPrelude} + std::string{body}, when};
}

}  // namespace

const Script& push_job() {
    static const auto script = make(
        R"lua(
if ARGV[3] ~= '' then
  call('ZADD', 'schedule', ARGV[3], ARGV[2])
else
  call('SADD', 'queues', q)
  call('LPUSH', list(q), ARGV[2])
end
return {'ok'}
)lua",
        Script::When::memory_is_left
    );
    return script;
}

const Script& end_job() {
    static const auto script = make(
        R"lua(
local receipt, day, how, where, payload, score = unpack(ARGV, 2, 7)
local _, id = split(receipt)
if not let_go(receipt) then
  -- Its lease ran out. That it is done counts, if it waits to be done again; a failure does not.
  if how ~= 'finished' or call('HEXISTS', P .. 'counts', id) == 0 then return {'over'} end
  if not take_back(id) then return {'over'} end
end
call('HDEL', P .. 'counts', id)
if where == 'dead' then
  bury(payload)
elseif where == 'retry' then
  call('ZADD', 'retry', score, payload)
end
local function add(name)
  call('INCR', 'stat:' .. name)
  call('INCR', 'stat:' .. name .. ':' .. day)
  call('EXPIRE', 'stat:' .. name .. ':' .. day, 157680000)
end
add('processed')
if how == 'failed' then add('failed') end
return {'ok'}
)lua",
        Script::When::always
    );
    return script;
}

const Script& enqueue_due() {
    static const auto script = make(
        R"lua(
local from, old, new = ARGV[2], ARGV[3], ARGV[4]
if call('ZREM', from, old) == 0 then return 0 end
if new == '' then
  bury(old)
else
  call('SADD', 'queues', q)
  call('LPUSH', list(q), new)
end
return 1
)lua",
        Script::When::always
    );
    return script;
}

const Script& beat() {
    static const Script script{
        R"lua(
local key = ARGV[1]
redis.call('SADD', 'processes', key)
redis.call('HSET', key, 'info', ARGV[2], 'busy', ARGV[3], 'beat', ARGV[4], 'rtt_us', ARGV[5], 'quiet', ARGV[6],
  'rss', ARGV[7])
redis.call('EXPIRE', key, 60)
-- Sidekiq reads the first up to 6.4, the second from 6.5 on.
for _, name in ipairs({key .. ':workers', key .. ':work'}) do
  redis.call('UNLINK', name)
  for i = 8, #ARGV, 2 do redis.call('HSET', name, ARGV[i], ARGV[i + 1]) end
  redis.call('EXPIRE', name, 60)
end
return redis.call('RPOP', key .. '-signals') or ''
)lua",
        Script::When::always};
    return script;
}

const Script& leave() {
    static const Script script{
        R"lua(
local key = ARGV[1]
redis.call('SREM', 'processes', key)
redis.call('UNLINK', key, key .. ':workers', key .. ':work', key .. '-signals')
return {'ok'}
)lua",
        Script::When::always};
    return script;
}

}  // namespace kiln::redis::scripts
