#pragma once

#include "worker/bake_work.hpp"
#include "worker/queues.hpp"
#include "worker/submit.hpp"

#include <chrono>
#include <cstdint>

namespace kiln::worker {

struct BakerySettings {
    std::size_t concurrency = 1;
    std::int64_t max_receives = 3;           ///< setting bakery.max_receives
    std::chrono::seconds min_time_left{30};  ///< setting bake.min_time_left
    std::chrono::seconds drain{30};          ///< for bakes that run when stop is requested
    RequestDefaults defaults = {};
};

/// The world of a consumer.
struct Bakery {
    Queues queues;
    ports::QueueReference requests;  ///< the queue that it takes requests from
    BakeWork& work;
    ports::BakeStore& bakes;
    ports::Ledger& ledger;
    const ports::Clock& clock;
    Pause pause = real_pause();
    BakerySettings settings = {};
};

}  // namespace kiln::worker
