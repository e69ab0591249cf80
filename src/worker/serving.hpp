#pragma once

#include "worker/bakery.hpp"
#include "worker/delivery.hpp"
#include "worker/lease_keeper.hpp"
#include "worker/reply_sender.hpp"

#include <optional>
#include <stop_token>

namespace kiln::worker {

/// One delivery of a request, from claim to report: prepare, execute, tell, delete. What is not
/// settled when it goes out of scope is given back.
class Serving {
  public:
    /// Writes the delivery into the ledger, so that it is given back should this process die.
    Serving(Bakery& bakery, LeaseKeeper& leases, ports::ReceivedMessage message);
    Serving(Serving&&) = delete;
    ~Serving();

    /// @param abandon  ends what runs and gives the message back
    /// @throws Error  the message is given back; try again later
    void serve(const std::stop_token& abandon);

  private:
    enum class Next { look_again, over, given_back };

    /// The record of the message's bake; made when there is none.
    [[nodiscard]] ports::BakeRecord find_record();
    void read_request();
    [[nodiscard]] Verdict judge_now(const ports::BakeRecord& record) const;
    void serve_claimed();
    Next follow(const Verdict& verdict);
    Next settle();
    Next refuse(std::string_view step, const Error& error);
    Next bake(const Bake& bake);
    /// What is to be done after an attempt that ended with an error instead of a record.
    Next after_error(const Bake& bake, const Error& error);
    /// Our attempt is over, and the store could not take that.
    void mark_with_patience(std::int64_t attempt);
    void give_up(const Error& error);
    /// Sends the newest attempt's replies, from the first one on.
    void tell();
    [[nodiscard]] std::unique_ptr<ReplySender> sender(std::int64_t attempt);
    void remove();
    void return_after(std::chrono::seconds delay);
    void settle_ledger() noexcept;

    Bakery& bakery_;
    LeaseKeeper& leases_;
    ports::MessageQueue& queue_;
    ports::ReceivedMessage message_;
    ports::Resource resource_;
    JobId job_ = JobId::random();
    BakeId id_;
    std::optional<bake::Request> request_;
    std::optional<Error> malformed_;
    std::optional<ports::QueueReference> reply_to_;
    std::stop_source lost_;  ///< the delivery is over: somebody else has the message, or will
    std::stop_source stop_;  ///< lost, or to be abandoned
    bool settled_ = false;   ///< deleted, or given back
};

}  // namespace kiln::worker
