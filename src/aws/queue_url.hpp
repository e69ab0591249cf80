#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::aws {

/// A queue's URL, https://HOST/ACCOUNT/NAME, taken apart. Pure.
struct QueueUrl {
    std::string endpoint;  ///< "https://sqs.eu-west-1.amazonaws.com"
    std::string region;    ///< of a host of AWS; "" of another one
    std::string account;
    std::string name;

    bool operator==(const QueueUrl&) const = default;
};

/// @throws Error  invalid: with what one looks like; the text is not repeated
[[nodiscard]] QueueUrl parse_queue_url(std::string_view text);

}  // namespace kiln::aws
