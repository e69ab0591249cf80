#include "worker/bake_work.hpp"

#include <algorithm>
#include <chrono>

namespace kiln::worker {

ports::BakeRecord LocalBakeWork::run(
    const bake::Request& request, const bake::Submission& submission, const std::stop_token& stop
) {
    const auto came = std::chrono::steady_clock::now();
    const auto slot = slots_.acquire(stop, [] {});
    auto turn = submission;
    const auto waited = std::chrono::steady_clock::now() - came;
    turn.time_left = std::max(
        turn.time_left - std::chrono::floor<std::chrono::seconds>(waited), std::chrono::seconds{0}
    );
    return baker_.run(request, turn, stop);
}

ports::BakeRecord LocalBakeWork::settle(const BakeId& id, const std::stop_token& stop) {
    return baker_.settle(id, stop);
}

}  // namespace kiln::worker
