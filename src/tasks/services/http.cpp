#include "base/error.hpp"
#include "tasks/services.hpp"

namespace kiln::tasks {

namespace {

class HttpService final : public Service {
  public:
    explicit HttpService(const ServiceWorld& world)
        : pool_{world.pool}, transport_{world.transport}, settings_{world.http} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.action == "invoke" && resource.pattern == asl::Pattern::request_response;
    }

    void run(JobPtr job) override {
        auto request = http_request(parameters_of(job->call()), settings_);
        if (auto* failure = std::get_if<flow::TaskFailure>(&request)) {
            return job->failed(std::move(*failure));
        }
        pool_.run(
            std::move(job),
            [this, asked = std::get<net::ClientRequest>(std::move(request))](const JobPtr& mine) {
                call(mine, asked);
            }
        );
    }

  private:
    void call(const JobPtr& job, const net::ClientRequest& request) {
        net::ClientResponse response;
        try {
            response = transport_(request, job->stop());
        } catch (const Error& error) {
            return job->failed({"States.Http.Socket", error.message()});
        }
        auto result = http_result(response);
        if (auto* failure = std::get_if<flow::TaskFailure>(&result)) {
            return job->failed(std::move(*failure));
        }
        job->succeeded(std::get<json::object>(std::move(result)));
    }

    CallPool& pool_;
    aws::Transport transport_;
    HttpTaskSettings settings_;
};

}  // namespace

std::unique_ptr<Service> http_service(const ServiceWorld& world) {
    return std::make_unique<HttpService>(world);
}

}  // namespace kiln::tasks
