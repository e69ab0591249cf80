#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "instances/build.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reading and writing of records as the store keeps them. Pure.
namespace kiln::instances::record {

[[nodiscard]] json::object of(const BuildRequest& request);
[[nodiscard]] BuildRequest request(const json::value& record);

[[nodiscard]] json::array of(const std::vector<BuildEvent>& events);
[[nodiscard]] std::vector<BuildEvent> events(const json::value& record);

[[nodiscard]] json::value of(const std::optional<TimePoint>& time);
[[nodiscard]] std::optional<TimePoint> time(const json::value& record);

[[nodiscard]] json::value of(const std::optional<Duration>& duration);
[[nodiscard]] std::optional<Duration> duration(const json::value& record);

[[nodiscard]] std::string text(const json::object& record, std::string_view key);
[[nodiscard]] std::vector<std::string> texts(const json::object& record, std::string_view key);

/// Runs `read`; a record that is not as it was written is corrupt.
template <class Read>
auto checked(std::string_view what, Read&& read) {
    try {
        return read();
    } catch (const std::exception& error) {
        throw Error{ErrorKind::corrupt, std::string{what} + " of the store: " + error.what()};
    }
}

}  // namespace kiln::instances::record
