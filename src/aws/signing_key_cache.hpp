#pragma once

#include "aws/sigv4.hpp"
#include "base/guarded.hpp"

#include <map>
#include <string>

namespace kiln::aws {

/// Remembers signing keys, each of which costs four HMACs and lasts a day. Safe from several
/// threads.
class SigningKeyCache {
  public:
    [[nodiscard]] SigningKey key(const Credentials& credentials, const Scope& scope);

  private:
    /// Enough for a server's or a client's keys of two days; a flood of made-up scopes must not
    /// grow it.
    static constexpr std::size_t kMost = 64;

    struct Entry {
        std::string secret;
        SigningKey key{};
    };

    using Keys = std::map<std::pair<std::string, Scope>, Entry>;

    Guarded<Keys> keys_;
};

}  // namespace kiln::aws
