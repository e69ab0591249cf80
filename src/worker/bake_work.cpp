#include "worker/bake_work.hpp"

namespace kiln::worker {

ports::BakeRecord LocalBakeWork::run(
    const bake::Request& request, const bake::Submission& submission, const std::stop_token& stop
) {
    const auto slot = slots_.acquire(stop, [] {});
    return baker_.run(request, submission, stop);
}

ports::BakeRecord LocalBakeWork::settle(const BakeId& id, const std::stop_token& stop) {
    return baker_.settle(id, stop);
}

}  // namespace kiln::worker
