#pragma once

#include "base/json.hpp"
#include "base/time.hpp"
#include "flow/payload.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Values as the store keeps them: short, exact, quick to write and read.
///
/// Numbers are varints (7 bits a byte, low first; signed ones zigzagged), texts have their length
/// before them, JSON has a tag before each value.
namespace kiln::flow {

class BinaryWriter {
  public:
    explicit BinaryWriter(std::string& to) : to_{to} {}

    void unsigned_number(std::uint64_t number);
    void number(std::int64_t number);
    void real(double number);
    void text(std::string_view text);
    void json(const json::value& value);
    /// With a mark for null.
    void payload(const Payload& payload);
    void optional_text(const std::optional<std::string>& text);
    void shared_text(const std::shared_ptr<const std::string>& text);
    void optional_number(const std::optional<std::int64_t>& number);
    void time(TimePoint time);
    void optional_time(const std::optional<TimePoint>& time);

  private:
    std::string& to_;
};

/// @throws Error  corrupt, from all of these: the text ends early, or holds an unknown tag
class BinaryReader {
  public:
    explicit BinaryReader(std::string_view from) : rest_{from} {}

    [[nodiscard]] std::uint64_t unsigned_number();
    [[nodiscard]] std::int64_t number();
    [[nodiscard]] double real();
    [[nodiscard]] std::string_view text();
    [[nodiscard]] json::value json();
    [[nodiscard]] Payload payload();
    [[nodiscard]] std::optional<std::string> optional_text();
    [[nodiscard]] std::shared_ptr<const std::string> shared_text();
    [[nodiscard]] std::optional<std::int64_t> optional_number();
    [[nodiscard]] TimePoint time();
    [[nodiscard]] std::optional<TimePoint> optional_time();
    /// How many values follow; each takes a byte at least.
    [[nodiscard]] std::size_t count();

    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  private:
    [[nodiscard]] std::string_view take(std::size_t bytes);
    [[nodiscard]] json::value json(std::size_t depth);

    std::string_view rest_;
};

}  // namespace kiln::flow
