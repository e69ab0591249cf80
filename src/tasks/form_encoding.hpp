#pragma once

#include "base/json.hpp"

#include <string>

namespace kiln::tasks {

/// How a form writes the items of an array.
enum class ArrayFormat {
    indices,   ///< a[0]=x&a[1]=y
    repeat,    ///< a=x&a=y
    commas,    ///< a=x,y
    brackets,  ///< a[]=x&a[]=y
};

/// The members as application/x-www-form-urlencoded; nested ones as a[b]=x. null is empty. Pure.
[[nodiscard]] std::string form_encoded(const json::object& members, ArrayFormat arrays);

}  // namespace kiln::tasks
