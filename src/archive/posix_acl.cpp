#include "archive/posix_acl.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <endian.h>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace kiln::archive {

namespace {

// linux/posix_acl_xattr.h and linux/posix_acl.h
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kNobody = 0xffffffff;

struct Tag {
    std::uint16_t kernel;
    int archive;
    bool named;  ///< the entry carries a uid or gid
};

constexpr std::array<Tag, 6> kTags{{
    {0x01, ARCHIVE_ENTRY_ACL_USER_OBJ, false},
    {0x02, ARCHIVE_ENTRY_ACL_USER, true},
    {0x04, ARCHIVE_ENTRY_ACL_GROUP_OBJ, false},
    {0x08, ARCHIVE_ENTRY_ACL_GROUP, true},
    {0x10, ARCHIVE_ENTRY_ACL_MASK, false},
    {0x20, ARCHIVE_ENTRY_ACL_OTHER, false},
}};

struct Record {
    std::uint16_t tag;
    std::uint16_t bits;
    std::uint32_t id;
};

static_assert(sizeof(Record) == 8);

}  // namespace

std::string acl_to_xattr(archive_entry* entry, int type) {
    if ((archive_entry_acl_types(entry) & type) == 0) {
        return {};
    }
    std::vector<Record> records;
    archive_entry_acl_reset(entry, type);
    int got = 0, bits = 0, tag = 0, id = 0;
    const char* name = nullptr;
    while (archive_entry_acl_next(entry, type, &got, &bits, &tag, &id, &name) == ARCHIVE_OK) {
        const auto* known = std::find_if(kTags.begin(), kTags.end(), [&](const Tag& t) {
            return t.archive == tag;
        });
        if (known != kTags.end()) {
            records.push_back(
                {htole16(known->kernel),
                 htole16(static_cast<std::uint16_t>(bits & 7)),
                 htole32(known->named ? static_cast<std::uint32_t>(id) : kNobody)}
            );
        }
    }
    std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
        return std::pair{le16toh(a.tag), le32toh(a.id)} < std::pair{le16toh(b.tag), le32toh(b.id)};
    });
    const std::uint32_t version = htole32(kVersion);
    std::string xattr(sizeof version + records.size() * sizeof(Record), '\0');
    std::memcpy(xattr.data(), &version, sizeof version);
    if (!records.empty()) {
        std::memcpy(xattr.data() + sizeof version, records.data(), records.size() * sizeof(Record));
    }
    return xattr;
}

bool acl_from_xattr(archive_entry* entry, int type, std::string_view xattr) {
    std::uint32_t version = 0;
    if (xattr.size() < sizeof version || (xattr.size() - sizeof version) % sizeof(Record) != 0) {
        return false;
    }
    std::memcpy(&version, xattr.data(), sizeof version);
    if (le32toh(version) != kVersion) {
        return false;
    }
    for (xattr.remove_prefix(sizeof version); !xattr.empty(); xattr.remove_prefix(sizeof(Record))) {
        Record record{};
        std::memcpy(&record, xattr.data(), sizeof record);
        for (const auto& tag : kTags) {
            if (tag.kernel == le16toh(record.tag)) {
                const int id = tag.named ? static_cast<int>(le32toh(record.id)) : -1;
                // A name is needed for the textual form; numbers stay exact where users differ.
                const auto name = tag.named ? std::to_string(le32toh(record.id)) : std::string{};
                archive_entry_acl_add_entry(
                    entry, type, le16toh(record.bits) & 7, tag.archive, id, name.c_str()
                );
            }
        }
    }
    return true;
}

}  // namespace kiln::archive
