#include "base/error.hpp"
#include "tasks/api_shapes.hpp"
#include "tasks/services.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

/// "not_found" -> "Kiln.NotFound"
std::string error_name(ErrorKind kind) {
    std::string out = "Kiln.";
    bool up = true;
    for (const char c : to_string(kind)) {
        if (c == '_') {
            up = true;
        } else {
            out += up ? static_cast<char>(c - 'a' + 'A') : c;
            up = false;
        }
    }
    return out;
}

class KilnService final : public Service {
  public:
    explicit KilnService(const ServiceWorld& world) : bakes_{world.bakes}, pool_{world.pool} {}

    [[nodiscard]] bool serves(const asl::Resource& resource) const override {
        return resource.action == "bake" && (resource.pattern == asl::Pattern::request_response ||
                                             resource.pattern == asl::Pattern::sync);
    }

    void run(JobPtr job) override {
        pool_.run(std::move(job), [this](const JobPtr& mine) { submit(mine); });
    }

  private:
    void submit(const JobPtr& job) {
        json::object record;
        try {
            record = bakes_.submit(text_of(parameters_of(job->call())), task_uuid(job->call()));
        } catch (const Error& error) {
            return job->failed({error_name(error.kind()), error.message()});
        }
        const std::string bake{record.at("id").as_string()};
        job->answered(std::move(record));
        if (job->call().resource.pattern == asl::Pattern::sync) {
            job->when_cancelled([this, bake] { bakes_.cancel(bake); });
            bakes_.when_over(bake, [job](const Bakes::Outcome& outcome) {
                if (outcome.succeeded) {
                    return job->succeeded(outcome.record);
                }
                job->failed({"States.TaskFailed", text_of(outcome.record)});
            });
        }
    }

    Bakes& bakes_;
    CallPool& pool_;
};

}  // namespace

std::unique_ptr<Service> kiln_service(const ServiceWorld& world) {
    return std::make_unique<KilnService>(world);
}

}  // namespace kiln::tasks
