#pragma once

#include "aws/shared_config.hpp"
#include "aws/sigv4.hpp"

#include <memory>

namespace kiln::aws {

/// Where keys come from. Safe from several threads.
class CredentialsProvider {
  public:
    virtual ~CredentialsProvider() = default;
    /// Keys that are good now; those of a machine's role are fetched anew before they run out.
    /// @throws Error  denied: none to be had · unavailable, timed_out: who has them does not answer
    [[nodiscard]] virtual Credentials current() = 0;

    /// A service called these expired: they are not given again.
    virtual void expired(const Credentials&) {}
};

/// Keys that never change.
class StaticCredentials final : public CredentialsProvider {
  public:
    explicit StaticCredentials(Credentials credentials) : credentials_{std::move(credentials)} {}

    [[nodiscard]] Credentials current() override { return credentials_; }

  private:
    Credentials credentials_;
};

/// The first that there is, as in AWS' SDKs: AWS_ACCESS_KEY_ID and its companions, the active
/// profile, `role`. Nothing is asked over the network yet.
/// @param role  of the machine; nullptr: it has none
/// @throws Error  invalid: half a key pair, or a profile that gets its keys in a way that kiln
///                does not know · denied: there are none, with where they were looked for ·
///                not_found: the profile
[[nodiscard]] std::shared_ptr<CredentialsProvider> find_credentials(
    const Variables& environment,
    const SharedFiles& files,
    std::shared_ptr<CredentialsProvider> role = nullptr
);

}  // namespace kiln::aws
