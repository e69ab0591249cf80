#include "aws/credentials.hpp"

#include "base/error.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

constexpr std::string_view kRemedy =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run: aws configure";

/// Ways of a profile to its keys that are not read here.
constexpr std::array<std::string_view, 7> kOtherWays{
    "credential_process",
    "role_arn",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "credential_source",
    "login_session"};

std::optional<Credentials> of_environment(const Variables& environment) {
    const auto id = variable(environment, "AWS_ACCESS_KEY_ID");
    const auto secret = variable(environment, "AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) {
        return std::nullopt;
    }
    if (!id || !secret) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "{} is set, but {} is not",
                id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"
            )}
            .hint("set both, or neither");
    }
    return Credentials{*id, *secret, variable(environment, "AWS_SESSION_TOKEN").value_or("")};
}

std::optional<Credentials> of_profile(const std::string& name, const Section& profile) {
    const auto id = variable(profile, "aws_access_key_id");
    const auto secret = variable(profile, "aws_secret_access_key");
    if (id && secret) {
        return Credentials{*id, *secret, variable(profile, "aws_session_token").value_or("")};
    }
    if (id || secret) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the AWS profile '{}' has {}, but no {}",
                name,
                id ? "aws_access_key_id" : "aws_secret_access_key",
                id ? "aws_secret_access_key" : "aws_access_key_id"
            )};
    }
    for (const auto way : kOtherWays) {
        if (profile.contains(way)) {
            throw Error{
                ErrorKind::invalid,
                fmt::format(
                    "the AWS profile '{}' gets its keys by {}, which kiln does not support",
                    name,
                    way
                )}
                .hint(fmt::format(
                    "export keys for kiln: eval \"$(aws configure export-credentials --profile {} "
                    "--format env)\"",
                    name
                ));
        }
    }
    return std::nullopt;
}

}  // namespace

std::shared_ptr<CredentialsProvider> find_credentials(
    const Variables& environment,
    const SharedFiles& files,
    std::shared_ptr<CredentialsProvider> role
) {
    auto found = of_environment(environment);
    if (!found) {
        const auto name = profile_name(environment);
        found = of_profile(name, active_profile(environment, files));
        if (!found && role) {
            return role;
        }
        if (!found) {
            throw Error{
                ErrorKind::denied,
                fmt::format(
                    "no AWS credentials: neither in the environment nor in the profile '{}' ('{}', "
                    "'{}')",
                    name,
                    files.config_path.string(),
                    files.credentials_path.string()
                )}
                .hint(std::string{kRemedy});
        }
    }
    return std::make_shared<StaticCredentials>(std::move(*found));
}

}  // namespace kiln::aws
