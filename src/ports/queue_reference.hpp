#pragma once

#include <string>
#include <string_view>

/// How a queue is named where any of them may stand: in a request's `reply_to`, on a command line.
namespace kiln::ports {

/// Which driver reaches it.
enum class QueueDriver {
    embedded,  ///< `NAME`, `kiln:NAME`: kiln's own
    sqs,       ///< `sqs:NAME`, or a queue's URL, `https://sqs.us-east-1.amazonaws.com/1…/NAME`
    redis,     ///< `redis://HOST/DB#NAME`, `rediss://…` with TLS
    amqp,      ///< `amqp://HOST/VHOST#NAME`
};

struct QueueReference {
    QueueDriver driver = QueueDriver::embedded;
    std::string place;  ///< the URL, without `#NAME`; "" where the driver knows the place
    std::string name;   ///< what ports::MessageQueue calls it

    /// What parse_queue_reference reads back as the same. May hold a password: see `shown`.
    [[nodiscard]] std::string str() const;
    /// For logs and people: without user and password.
    [[nodiscard]] std::string shown() const;

    bool operator==(const QueueReference&) const = default;
};

/// Reads any of the forms above. Whether there is such a driver, or queue, is not asked.
/// @throws Error  invalid: with what a queue's name looks like
[[nodiscard]] QueueReference parse_queue_reference(std::string_view text);

}  // namespace kiln::ports
