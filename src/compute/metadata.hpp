#pragma once

#include "base/guarded.hpp"
#include "net/http.hpp"
#include "ports/instances.hpp"

#include <chrono>
#include <map>
#include <string>

/// The metadata service, version 2: a token first, then questions. What it answers is a function
/// of the question and of what the instance is now.
namespace kiln::compute {

struct MetadataFacts {
    ports::Instance instance;
    std::string hostname;
    std::string ssh_key;
    std::string user_data;
    std::vector<std::string> group_names;
    std::string architecture;  ///< EC2's word
    std::string account;
};

/// Answers a question below /latest; nullopt: there is nothing. Pure. A folder lists its entries,
/// one a line.
[[nodiscard]] std::optional<std::string> metadata_entry(
    std::string_view path, const MetadataFacts& facts, TimePoint now
);

/// Tokens that were given out, and until when they are good. Safe from several threads.
class MetadataTokens {
  public:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] std::string issue(std::chrono::seconds ttl, Clock::time_point now);
    /// How long it is still good; nullopt: it is not.
    [[nodiscard]] std::optional<std::chrono::seconds> left(
        std::string_view token, Clock::time_point now
    );

    static constexpr std::chrono::seconds kLongest{21600};  ///< EC2's

  private:
    Guarded<std::map<std::string, Clock::time_point, std::less<>>> tokens_;
};

/// One exchange. A request that came through somebody (X-Forwarded-For) gets no token, and nothing
/// is answered without one.
[[nodiscard]] net::Response answer_metadata(
    const net::Request& request,
    const MetadataFacts& facts,
    MetadataTokens& tokens,
    MetadataTokens::Clock::time_point now,
    TimePoint time_of_day
);

}  // namespace kiln::compute
