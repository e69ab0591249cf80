#pragma once

#include "aws/shared_config.hpp"
#include "aws/sqs_queue.hpp"

#include <memory>

namespace kiln::aws {

/// SQS as environment and shared files say; nothing is asked over the network yet. An endpoint
/// without TLS is taken where one is configured.
/// @param clock   outlives the queue
/// @throws Error  invalid, not_found, denied: as `locate` and `find_credentials`
[[nodiscard]] std::unique_ptr<SqsQueue> connect_sqs(
    const Variables& environment, const ports::Clock& clock
);

/// The same for one queue that is named by its URL, of whatever region and account; it is known by
/// its plain name then.
/// @throws Error  as above, and as `locate_queue`
[[nodiscard]] std::unique_ptr<SqsQueue> connect_sqs_url(
    const std::string& url, const Variables& environment, const ports::Clock& clock
);

/// The queues of a kiln server, with the keys of its home.
/// @param server  its region, and http://127.0.0.1:PORT
/// @param clock   outlives the queue
[[nodiscard]] std::unique_ptr<SqsQueue> connect_kiln(
    Location server, Credentials keys, const ports::Clock& clock
);

}  // namespace kiln::aws
