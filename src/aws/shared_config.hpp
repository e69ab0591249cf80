#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The files that AWS' tools share, ~/.aws/config and ~/.aws/credentials. Only read.
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
namespace kiln::aws {

/// A name's value; of a key below another one ("s3 =", then indented "endpoint_url = …") the name
/// is "s3.endpoint_url".
using Section = std::map<std::string, std::string, std::less<>>;
/// By their titles: "default", "profile build", "services local".
using Sections = std::map<std::string, Section, std::less<>>;

/// Environment variables.
using Variables = std::map<std::string, std::string, std::less<>>;

/// nullopt: not set, or empty, which AWS' tools take for the same.
[[nodiscard]] std::optional<std::string> variable(const Variables& from, std::string_view name);

/// @param name  of the file, for messages
/// @throws Error  invalid: with the line
[[nodiscard]] Sections parse_sections(std::string_view text, std::string_view name);

struct SharedFiles {
    Sections config;
    Sections credentials;
    std::filesystem::path config_path;
    std::filesystem::path credentials_path;

    /// The profile's values from both files; those of the credentials file win. nullopt: in
    /// neither.
    [[nodiscard]] std::optional<Section> profile(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> profile_names() const;
};

/// Reads what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, else what lies in ~/.aws; an
/// absent file is an empty one.
/// @throws Error  invalid: with the file and the line · denied: not readable
[[nodiscard]] SharedFiles read_shared_files(const Variables& environment);

/// AWS_PROFILE, else "default".
[[nodiscard]] std::string profile_name(const Variables& environment);

/// The values of that profile; empty where nobody asked for one and there is no default.
/// @throws Error  not_found: AWS_PROFILE names one that neither file has
[[nodiscard]] Section active_profile(const Variables& environment, const SharedFiles& files);

}  // namespace kiln::aws
