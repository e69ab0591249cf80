#include "local/qcow2.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::local {

namespace {

constexpr std::uint32_t kMagic = 0x514649fb;  // "QFI\xfb"
constexpr std::uint32_t kBackingFormat = 0xe2792aca;
constexpr std::uint64_t kExtendedL2 = 1U << 4;
constexpr std::uint64_t kCluster = std::uint64_t{1} << kClusterBits;
constexpr std::uint64_t kCountIsOne = std::uint64_t{1} << 63U;  // of an entry: write in place
/// So many L2 tables, for a GiB each, are there from the start: holes in the file. One that QEMU
/// adds is written whole, with its reference count, and synced twice: a millisecond for each GiB of
/// the disk in which anything is written. They share the only block of reference counts with 65,000
/// others.
constexpr std::uint64_t kReadyL2Tables = 256;
constexpr std::size_t kHeaderLength = 112;
constexpr std::size_t kLongestName = 1023;

/// Big-endian numbers, one after another.
class Writer {
  public:
    template <class Number>
    Writer& put(Number number) {
        for (int shift = static_cast<int>(sizeof(Number)) * 8 - 8; shift >= 0; shift -= 8) {
            bytes_.push_back(static_cast<char>((number >> shift) & 0xff));
        }
        return *this;
    }

    Writer& text(std::string_view text) {
        bytes_.append(text);
        return *this;
    }

    Writer& pad_to(std::size_t multiple) {
        bytes_.append((multiple - bytes_.size() % multiple) % multiple, '\0');
        return *this;
    }

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

template <class Number>
Number number_at(const std::string& bytes, std::size_t offset) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        number = static_cast<Number>(number << 8 | static_cast<unsigned char>(bytes[offset + i]));
    }
    return number;
}

constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

/// Where the tables of an empty image lie: cluster 0 header, 1 reference table, 2 its only block,
/// from 3 on the L1 table, then the first L2 tables, all zeros.
struct Plan {
    std::uint64_t l1_entries;
    std::uint64_t l2_tables;
    std::uint64_t first_l2_table;  ///< its cluster

    [[nodiscard]] std::uint64_t clusters() const { return first_l2_table + l2_tables; }
};

Plan plan_for(Bytes virtual_size) {
    const std::uint64_t bytes_per_l2_table =
        kCluster / 16 * kCluster;  // 16 bytes an extended entry
    const std::uint64_t entries =
        std::max<std::uint64_t>(1, divide_up(virtual_size.count, bytes_per_l2_table));
    return {
        .l1_entries = entries,
        .l2_tables = std::min(entries, kReadyL2Tables),
        .first_l2_table = 3 + divide_up(entries * 8, kCluster)};
}

std::string header(Bytes virtual_size, const std::string& backing, const Plan& plan) {
    const std::size_t extensions = backing.empty() ? 8 : 24;
    Writer out;
    out.put(kMagic).put(std::uint32_t{3});
    out.put(std::uint64_t{backing.empty() ? 0 : kHeaderLength + extensions});
    out.put(static_cast<std::uint32_t>(backing.size()));
    out.put(std::uint32_t{kClusterBits}).put(virtual_size.count).put(std::uint32_t{0});
    out.put(static_cast<std::uint32_t>(plan.l1_entries)).put(std::uint64_t{3 * kCluster});
    out.put(std::uint64_t{kCluster}).put(std::uint32_t{1});  // reference table, 1 cluster
    out.put(std::uint32_t{0}).put(std::uint64_t{0});         // no internal snapshots
    out.put(std::uint64_t{kExtendedL2}).put(std::uint64_t{0}).put(std::uint64_t{0});
    out.put(std::uint32_t{4});  // 16-bit reference counts
    out.put(static_cast<std::uint32_t>(kHeaderLength)).put(std::uint64_t{0});
    if (!backing.empty()) {
        out.put(kBackingFormat).put(std::uint32_t{5}).text("qcow2").pad_to(8);
    }
    out.put(std::uint64_t{0});  // end of the extensions
    out.text(backing);
    return out.bytes();
}

void write_at(const os::Fd& file, const std::string& bytes, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto n = ::pwrite(
            file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done)
        );
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw_errno("write the header of a layer");
        }
        done += static_cast<std::size_t>(n);
    }
}

[[noreturn]] void not_qcow2(const std::filesystem::path& path, std::string_view why) {
    throw Error{
        ErrorKind::corrupt,
        "'" + path.string() + "' is not a good qcow2 file: " + std::string{why}};
}

std::string read_start(const std::filesystem::path& path) {
    const os::Fd file = os::open_file(path, O_RDONLY);
    std::string bytes(std::size_t{64} << 10, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto n =
            ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (n < 0 && errno != EINTR) {
            throw_errno("read '" + path.string() + "'");
        }
        if (n == 0) {
            break;
        }
        done += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    bytes.resize(done);
    return bytes;
}

}  // namespace

void write_empty_qcow2(const os::Fd& file, Bytes virtual_size, const std::string& backing) {
    KILN_CHECK(virtual_size.count % 512 == 0 && virtual_size <= kLargestDisk);
    KILN_CHECK(backing.size() <= kLongestName);
    const Plan plan = plan_for(virtual_size);
    Writer counts;
    for (std::uint64_t i = 0; i < plan.clusters(); ++i) {
        counts.put(std::uint16_t{1});
    }
    Writer l1_table;
    for (std::uint64_t i = 0; i < plan.l2_tables; ++i) {
        l1_table.put(kCountIsOne | ((plan.first_l2_table + i) * kCluster));
    }
    write_at(file, header(virtual_size, backing, plan), 0);
    write_at(file, Writer{}.put(std::uint64_t{2 * kCluster}).bytes(), kCluster);
    write_at(file, counts.bytes(), 2 * kCluster);
    write_at(file, l1_table.bytes(), 3 * kCluster);
    if (::ftruncate(file.get(), static_cast<off_t>(plan.clusters() * kCluster)) != 0) {
        throw_errno("grow a new layer");
    }
}

Qcow2Header read_qcow2_header(const std::filesystem::path& path) {
    const std::string bytes = read_start(path);
    if (bytes.size() < 72 || number_at<std::uint32_t>(bytes, 0) != kMagic) {
        not_qcow2(path, "it does not begin with qcow2's magic number");
    }
    const auto version = number_at<std::uint32_t>(bytes, 4);
    if ((version != 2 && version != 3) || (version == 3 && bytes.size() < 104)) {
        not_qcow2(path, "version " + std::to_string(version));
    }
    Qcow2Header found;
    found.virtual_size = Bytes{number_at<std::uint64_t>(bytes, 24)};
    found.cluster_bits = number_at<std::uint32_t>(bytes, 20);
    if (version == 3) {
        const auto features = number_at<std::uint64_t>(bytes, 72);
        found.dirty = (features & 1U) != 0;
        found.corrupt = (features & 2U) != 0;
        found.extended_l2 = (features & kExtendedL2) != 0;
    }
    const auto offset = number_at<std::uint64_t>(bytes, 8);
    const auto length = number_at<std::uint32_t>(bytes, 16);
    if (offset != 0) {
        if (length > kLongestName || offset > bytes.size() || length > bytes.size() - offset) {
            not_qcow2(path, "the backing file's name lies outside the header");
        }
        found.backing = bytes.substr(offset, length);
    }
    return found;
}

}  // namespace kiln::local
