#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::ports {

/// Who keeps a queue.
enum class QueueDriver {
    kiln,  ///< the server of this host
    sqs,   ///< AWS
};

[[nodiscard]] std::string_view to_string(QueueDriver driver) noexcept;

/// How users name a queue, in `reply_to` and `--queue`:
///   NAME, kiln:NAME                                      the server of this host
///   sqs:NAME                                             of the configured account and region
///   https://sqs.REGION.amazonaws.com/ACCOUNT/NAME        its URL
struct QueueReference {
    QueueDriver driver = QueueDriver::kiln;
    std::string name;
    std::string region;  ///< of a URL; else ""
    std::string url;     ///< "": to be looked up by its name

    /// "kiln:NAME", "sqs:NAME", or the URL.
    [[nodiscard]] std::string str() const;
    bool operator==(const QueueReference&) const = default;
};

/// @throws Error  invalid: with what would be right; the text is repeated only where it cannot hold
///                a password
[[nodiscard]] QueueReference parse_queue_reference(std::string_view text);

/// 1 to 80 of A-Za-z0-9_- with an optional ".fifo" counted in. nullopt: it is, else what is wrong.
[[nodiscard]] std::optional<std::string> queue_name_problem(std::string_view name);

[[nodiscard]] bool is_fifo(std::string_view queue_name) noexcept;

}  // namespace kiln::ports
