#pragma once

#include "api/aws_service.hpp"
#include "base/guarded.hpp"
#include "tasks/api_caller.hpp"
#include "tasks/call_pool.hpp"

#include <map>
#include <string>

namespace kiln {

/// This process' AWS APIs, called from within: the same services, by the same protocol, without a
/// socket and a signature. Their operations may wait for the store, so they run on threads of their
/// own.
class LocalApi final : public tasks::ApiCaller {
  public:
    /// @param caller  the access key id that such calls are made with
    explicit LocalApi(std::string caller) : caller_{std::move(caller)} {}

    /// @param name     as in resources: "sfn"
    /// @param service  outlives this. To be called before the first call.
    void serve(const std::string& name, api::AwsService& service) { services_[name] = &service; }

    /// The server's own name, "127.0.0.1:9324", in which URLs of queues are written.
    void set_host(std::string host) { *host_.lock() = std::move(host); }

    /// No answer is told when this returns, nor later.
    void close() { gate_->close(); }

    void call(
        std::string_view service, std::string_view operation, const json::object& input, Done done
    ) override;

  private:
    std::string caller_;
    std::map<std::string, api::AwsService*, std::less<>> services_;
    Guarded<std::string> host_{"localhost"};
    std::shared_ptr<tasks::ReportGate> gate_ = std::make_shared<tasks::ReportGate>();
    tasks::CallPool pool_{2, 1'000'000};
};

/// What a service's response means to a task. Pure.
[[nodiscard]] tasks::ApiAnswer read_answer(const net::Response& response);

}  // namespace kiln
