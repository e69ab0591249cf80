#include "inspect/sbom.hpp"

#include "base/sha256.hpp"
#include "base/utf8.hpp"
#include "inspect/purl.hpp"

#include <cctype>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace kiln::inspect {

namespace {

constexpr std::string_view kNoAssertion = "NOASSERTION";

/// SPDX wants whole seconds (6.9).
std::string spdx_time(TimePoint time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(time));
}

/// "SPDXRef-" and letters, digits, dots and hyphens. Other characters would make two packages one,
/// so a hash of all that tells packages apart follows the readable part.
std::string package_reference(const Package& package) {
    std::string readable;
    for (const char c : package.name) {
        const auto byte = static_cast<unsigned char>(c);
        readable += std::isalnum(byte) != 0 || c == '.' || c == '-' ? c : '-';
    }
    Sha256 hash;
    hash.field(package.manager)
        .field(package.name)
        .field(package.architecture)
        .field(package.version);
    return fmt::format("SPDXRef-Package-{}-{}", readable, hash.finish().substr(0, 12));
}

/// "Name <mail>" as SPDX writes agents: "Organization: Name (mail)".
std::string supplier(const Package& package) {
    if (package.maintainer.empty()) {
        return std::string{kNoAssertion};
    }
    auto text = to_utf8(package.maintainer);
    const auto open = text.find('<');
    const auto close = text.find('>', open == std::string::npos ? 0 : open);
    if (open != std::string::npos && close != std::string::npos) {
        auto name = text.substr(0, open);
        while (!name.empty() && name.back() == ' ') {
            name.pop_back();
        }
        text = fmt::format("{} ({})", name, text.substr(open + 1, close - open - 1));
    }
    return "Organization: " + text;
}

json::object package_json(const Package& package, const OsRelease& release) {
    const auto license = spdx_license(package.license);
    json::object object{
        {"SPDXID", package_reference(package)},
        {"name", to_utf8(package.name)},
        {"versionInfo", to_utf8(package.version)},
        {"supplier", supplier(package)},
        {"downloadLocation", kNoAssertion},
        {"filesAnalyzed", false},
        {"licenseConcluded", kNoAssertion},
        {"licenseDeclared", license},
        {"copyrightText", kNoAssertion},
    };
    if (license == kNoAssertion && !package.license.empty()) {
        object["licenseComments"] = "declared by the package as: " + to_utf8(package.license);
    }
    if (!package.source.empty() && package.source != package.name) {
        object["sourceInfo"] = "built from source package " + to_utf8(package.source);
    }
    object["externalRefs"] = json::array{json::object{
        {"referenceCategory", "PACKAGE-MANAGER"},
        {"referenceType", "purl"},
        {"referenceLocator", package_url(package, release)},
    }};
    return object;
}

json::object image_json(const SbomSubject& subject) {
    return {
        {"SPDXID", "SPDXRef-Image"},
        {"name", to_utf8(subject.name)},
        {"versionInfo", subject.image},
        {"supplier", kNoAssertion},
        {"downloadLocation", kNoAssertion},
        {"filesAnalyzed", false},
        {"licenseConcluded", kNoAssertion},
        {"licenseDeclared", kNoAssertion},
        {"copyrightText", kNoAssertion},
        {"primaryPackagePurpose", "OPERATING-SYSTEM"},
        {"comment",
         fmt::format(
             "machine image {}: {}, {}",
             subject.image,
             subject.release.pretty_name,
             subject.architecture
         )},
    };
}

json::object relationship(std::string_view from, std::string_view type, std::string_view to) {
    return {{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}};
}

}  // namespace

json::object spdx_document(const SbomSubject& subject, const Packages& packages) {
    json::array list{image_json(subject)};
    json::array relationships{relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image")};
    // The namespace must be another one for each document: it carries a hash of what it holds.
    Sha256 content;
    content.field(subject.image).field(spdx_time(subject.created)).field(subject.tool);
    for (const auto& package : packages) {
        auto object = package_json(package, subject.release);
        relationships.push_back(relationship(
            "SPDXRef-Image", "CONTAINS", std::string_view{object["SPDXID"].as_string()}
        ));
        content.field(json::serialize(object));
        list.push_back(std::move(object));
    }
    return {
        {"spdxVersion", "SPDX-2.3"},
        {"dataLicense", "CC0-1.0"},
        {"SPDXID", "SPDXRef-DOCUMENT"},
        {"name", to_utf8(subject.name)},
        {"documentNamespace",
         fmt::format(
             "https://spdx.org/spdxdocs/kiln-{}-{}", subject.image, content.finish().substr(0, 32)
         )},
        {"creationInfo",
         json::object{
             {"created", spdx_time(subject.created)},
             {"creators", json::array{"Tool: " + subject.tool}},
         }},
        {"packages", std::move(list)},
        {"relationships", std::move(relationships)},
    };
}

}  // namespace kiln::inspect
