#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kiln {

/// MD5 over a stream of parts. A check against damage on the way, as SQS' protocol has it; against
/// nobody who wants to deceive.
class Md5 {
  public:
    Md5();
    ~Md5();
    Md5(Md5&&) noexcept;
    Md5& operator=(Md5&&) noexcept;

    Md5& update(std::string_view bytes);

    /// 32 lower-case hex digits. The object is spent afterwards.
    [[nodiscard]] std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// 32 lower-case hex digits.
[[nodiscard]] std::string md5(std::string_view bytes);

}  // namespace kiln
