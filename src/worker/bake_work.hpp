#pragma once

#include "bake/baker.hpp"
#include "os/slots.hpp"

namespace kiln::worker {

/// What a consumer needs of whoever bakes. Safe from several threads.
class BakeWork {
  public:
    virtual ~BakeWork() = default;

    /// One attempt: bake::Baker::run(request, submission, stop).
    virtual ports::BakeRecord run(
        const bake::Request& request,
        const bake::Submission& submission,
        const std::stop_token& stop
    ) = 0;

    /// bake::Baker::settle: when it returns, no living process is at work on the bake.
    virtual ports::BakeRecord settle(const BakeId& id, const std::stop_token& stop) = 0;
};

/// Bakes in this process, no more at once than there are slots on this machine.
class LocalBakeWork final : public BakeWork {
  public:
    /// Both outlive this.
    LocalBakeWork(bake::Baker& baker, const os::Slots& slots) : baker_{baker}, slots_{slots} {}

    ports::BakeRecord run(
        const bake::Request& request,
        const bake::Submission& submission,
        const std::stop_token& stop
    ) override;
    ports::BakeRecord settle(const BakeId& id, const std::stop_token& stop) override;

  private:
    bake::Baker& baker_;
    const os::Slots& slots_;
};

}  // namespace kiln::worker
