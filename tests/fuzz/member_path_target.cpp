// Names of archive members: what is accepted stays below the folder, whatever it looked like.

#include "archive/member_path.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

namespace kiln::fuzz {

namespace {

bool stays_below(const std::string& path) {
    if (path.empty()) {
        return true;
    }
    std::size_t from = 0;
    while (from <= path.size()) {
        const auto end = std::min(path.find('/', from), path.size());
        const auto part = path.substr(from, end - from);
        if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) {
            return false;
        }
        from = end + 1;
    }
    return true;
}

}  // namespace

void run(const std::string& input) {
    KILN_CHECK(archive::shown_name(input).size() <= 200);
    try {
        const auto path = archive::member_path(input);
        KILN_CHECK(stays_below(path));
        KILN_CHECK(archive::member_path(path.empty() ? "./" : path) == path);
    } catch (const Error& error) {
        expect_refusal(error);
    }
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "..", "../", "./", "/", "//", "/../", "a", "\xc3\xa4", "\xff"};
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
