#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kiln {

/// SHA-256 over a stream of parts.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(std::string_view bytes);

    /// Adds the part's length before the part, so that ("ab","c") and ("a","bc") differ.
    Sha256& field(std::string_view bytes);

    /// 64 lower-case hex digits. The object is spent afterwards.
    [[nodiscard]] std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace kiln
