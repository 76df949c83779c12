(struct_specifier name: (_) @name body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
(type_definition type: [(struct_specifier !name) (union_specifier !name) (enum_specifier !name)]
  declarator: (type_identifier) @name) @class
(type_definition type: (_) @type declarator: [
  (type_identifier) @name
  (pointer_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
]) @alias
(enumerator name: (_) @name) @constant
(field_declaration type: (_) @type declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: (field_identifier) @name)
  (array_declarator declarator: (field_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
]) @field

(function_definition type: (_) @returns
  declarator: (function_declarator declarator: (identifier) @name parameters: (_) @params)) @function
(function_definition type: (_) @returns declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name parameters: (_) @params))) @function

(preproc_def name: (_) @name) @constant
(preproc_function_def name: (_) @name parameters: (_) @params) @function
(translation_unit (declaration (type_qualifier) declarator: (init_declarator declarator: (identifier) @name)) @constant)

(call_expression function: (_) @callee)

(comment) @comment
(type_definition type: (_) @inner) @around
(preproc_include path: (_) @module) @taken
