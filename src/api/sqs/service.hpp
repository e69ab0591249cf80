#pragma once

#include "api/aws_service.hpp"
#include "queue/attributes.hpp"
#include "queue/engine.hpp"

namespace kiln::api::sqs {

/// Amazon SQS' API on the embedded queues: both protocols, all operations of 2012-11-05.
class Service final : public AwsService {
  public:
    /// @param engine  outlives every answer: it holds what waits
    Service(queue::Engine& engine, queue::Place place)
        : engine_{engine}, place_{std::move(place)} {}

    [[nodiscard]] AwsMarks marks() const noexcept override {
        return {"AmazonSQS.", "sqs", "2012-11-05", true};
    }

    void serve(AwsCall call) override;
    [[nodiscard]] net::Response deny(
        const net::Request& request, const AuthFailure& failure, const std::string& request_id
    ) const override;

  private:
    queue::Engine& engine_;
    queue::Place place_;
};

}  // namespace kiln::api::sqs
