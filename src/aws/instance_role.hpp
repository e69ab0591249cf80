#pragma once

#include "aws/credentials.hpp"
#include "aws/transport.hpp"
#include "base/guarded.hpp"
#include "ports/clock.hpp"

#include <optional>
#include <string>

namespace kiln::aws {

/// The keys of the role of the EC2 instance that this runs on, asked of its metadata service
/// (version 2), and asked anew before they run out. Keys that are still good are used on when the
/// service does not answer.
/// Source: EC2 User Guide, "Use IAM roles … Retrieve security credentials from instance metadata".
class InstanceRole final : public CredentialsProvider {
  public:
    /// @param endpoint   `metadata_endpoint`
    /// @param transport  that may speak to it without TLS
    /// @param clock      outlives it
    InstanceRole(std::string endpoint, Transport transport, const ports::Clock& clock)
        : endpoint_{std::move(endpoint)}, transport_{std::move(transport)}, clock_{clock} {}

    /// @throws Error  denied: this is no instance, or one without a role
    [[nodiscard]] Credentials current() override;
    void expired(const Credentials& credentials) override;

  private:
    struct Keys {
        Credentials credentials;
        TimePoint until;
    };

    [[nodiscard]] net::ClientResponse ask(
        std::string_view method, std::string_view path, net::Headers headers
    ) const;
    [[nodiscard]] Keys fetch() const;

    std::string endpoint_;
    Transport transport_;
    const ports::Clock& clock_;
    Guarded<std::optional<Keys>> keys_;
};

/// AWS_EC2_METADATA_SERVICE_ENDPOINT, else the address that every instance has; nullopt:
/// AWS_EC2_METADATA_DISABLED is true.
[[nodiscard]] std::optional<std::string> metadata_endpoint(const Variables& environment);

}  // namespace kiln::aws
