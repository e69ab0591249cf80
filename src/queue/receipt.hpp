#pragma once

#include "queue/message_index.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::queue {

using Secret = std::array<std::uint8_t, 16>;

/// Writes and reads the receipts of one queue: which message, which delivery, signed with the
/// queue's secret (SipHash-2-4), so that no other text is a receipt. Used by one thread.
class ReceiptBook {
  public:
    explicit ReceiptBook(const Secret& secret);
    ReceiptBook(ReceiptBook&&) noexcept;
    ReceiptBook& operator=(ReceiptBook&&) noexcept;
    ~ReceiptBook();

    /// base64url characters, 32 of them.
    [[nodiscard]] std::string write(const Claim& claim);
    /// nullopt: no receipt of this queue.
    [[nodiscard]] std::optional<Claim> read(std::string_view receipt);

  private:
    struct Signer;
    std::unique_ptr<Signer> signer_;
};

}  // namespace kiln::queue
