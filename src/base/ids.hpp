#pragma once

#include "base/error.hpp"

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace kiln {

/// `prefix` + 17 random lower-case hex digits, EC2's form of an id.
[[nodiscard]] std::string random_id(std::string_view prefix);

/// True for `prefix` followed by exactly 17 lower-case hex digits.
[[nodiscard]] bool is_id(std::string_view prefix, std::string_view text) noexcept;

/// A resource's name: one strong type each, so that a volume is never passed for an image.
/// `Kind` has a `static constexpr std::string_view prefix` ("ami-") and `what` ("image").
template <class Kind>
class Id {
  public:
    Id() = default;

    static Id random() { return Id{random_id(Kind::prefix)}; }

    /// @throws Error  invalid: not an id of this kind; the message says what one looks like
    static Id parse(std::string_view text) {
        if (!is_id(Kind::prefix, text)) {
            throw Error{
                ErrorKind::invalid,
                "'" + std::string{text} + "' is not " + std::string{Kind::what} +
                    " id; one looks like " + std::string{Kind::prefix} + "0123456789abcdef0"};
        }
        return Id{std::string{text}};
    }

    /// An id that is known to be good, as one read from the store is.
    static Id trusted(std::string text) { return Id{std::move(text)}; }

    [[nodiscard]] const std::string& str() const noexcept { return text_; }

    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

    auto operator<=>(const Id&) const = default;

  private:
    explicit Id(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

namespace id_kind {
struct Image {
    static constexpr std::string_view prefix = "ami-", what = "an image";
};

struct Snapshot {
    static constexpr std::string_view prefix = "snap-", what = "a snapshot";
};

struct Volume {
    static constexpr std::string_view prefix = "vol-", what = "a volume";
};

struct Layer {
    static constexpr std::string_view prefix = "lay-", what = "a layer";
};

struct Bake {
    static constexpr std::string_view prefix = "bake-", what = "a bake";
};

struct Job {
    static constexpr std::string_view prefix = "job-", what = "a job";
};

struct Instance {
    static constexpr std::string_view prefix = "i-", what = "an instance";
};

struct Holder {
    static constexpr std::string_view prefix = "proc-", what = "a lease holder";
};
}  // namespace id_kind

using ImageId = Id<id_kind::Image>;
using SnapshotId = Id<id_kind::Snapshot>;
using VolumeId = Id<id_kind::Volume>;
using LayerId = Id<id_kind::Layer>;  ///< a file of the local cloud
using BakeId = Id<id_kind::Bake>;
using InstanceId = Id<id_kind::Instance>;
using JobId = Id<id_kind::Job>;        ///< whoever owns resources: a bake, an import
using HolderId = Id<id_kind::Holder>;  ///< a running process that holds leases

}  // namespace kiln

template <class Kind>
struct std::hash<kiln::Id<Kind>> {
    std::size_t operator()(const kiln::Id<Kind>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
