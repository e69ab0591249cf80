#include "compute/console_log.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::compute {

namespace {

constexpr std::string_view kStem = "console.";

struct Part {
    std::uint64_t begin;
    std::filesystem::path path;
};

/// Oldest first.
std::vector<Part> parts_of(const std::filesystem::path& folder) {
    std::vector<Part> parts;
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator{folder, absent}) {
        const auto name = entry.path().filename().string();
        std::uint64_t begin = 0;
        if (name.starts_with(kStem)) {
            const auto* last = name.data() + name.size();
            const auto [end, error] = std::from_chars(name.data() + kStem.size(), last, begin);
            if (error == std::errc{} && end == last) {
                parts.push_back({begin, entry.path()});
            }
        }
    }
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
        return a.begin < b.begin;
    });
    return parts;
}

}  // namespace

ConsoleLog::ConsoleLog(std::filesystem::path folder) : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
    if (const auto parts = parts_of(folder_); !parts.empty()) {
        end_ = parts.back().begin + std::filesystem::file_size(parts.back().path);
    }
    begin_part();
}

void ConsoleLog::begin_part() {
    begin_ = end_;
    file_ = os::open_file(
        folder_ / (std::string{kStem} + std::to_string(begin_)), O_WRONLY | O_CREAT | O_APPEND, 0600
    );
    // A part may go when all that is kept lies behind its end, which is the next one's begin.
    const auto parts = parts_of(folder_);
    for (std::size_t at = 0; at + 1 < parts.size(); ++at) {
        if (parts[at + 1].begin + kKept <= end_) {
            ::unlink(parts[at].path.c_str());
        }
    }
}

void ConsoleLog::append(std::string_view text) {
    while (!text.empty()) {
        if (end_ - begin_ >= kPart) {
            begin_part();
        }
        const auto piece = text.substr(0, kPart - (end_ - begin_));
        os::write_all(file_, piece);
        end_ += piece.size();
        text.remove_prefix(piece.size());
    }
}

ports::ConsoleOutput ConsoleLog::read(const std::filesystem::path& folder, std::uint64_t from) {
    ports::ConsoleOutput output;
    bool first = true;
    for (const auto& part : parts_of(folder)) {
        std::string bytes;
        try {
            bytes = os::read_file(part.path);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::not_found) {
                throw;
            }
            continue;  // it was let go of meanwhile
        }
        const auto end = part.begin + bytes.size();
        if (first) {
            output.offset = std::max(from, part.begin);
            first = false;
        }
        if (end > output.offset + output.text.size()) {
            const auto at = output.offset + output.text.size();
            output.text += bytes.substr(at > part.begin ? at - part.begin : 0);
        }
        if (output.text.empty()) {
            output.offset = std::clamp(from, output.offset, std::max(end, output.offset));
        }
    }
    if (const auto size = output.text.size(); size > kKept) {
        output.text.erase(0, size - kKept);
        output.offset += size - kKept;
    }
    return output;
}

}  // namespace kiln::compute
