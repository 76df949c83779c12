(class_specifier name: (_) @name (base_class_clause)? @heritage body: (_)) @class
(struct_specifier name: (_) @name (base_class_clause)? @heritage body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
(type_definition type: [(struct_specifier !name) (union_specifier !name) (enum_specifier !name)]
  declarator: (type_identifier) @name) @class
(type_definition type: (_) @type declarator: [
  (type_identifier) @name
  (pointer_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
]) @alias
(alias_declaration name: (_) @name) @alias
(enumerator name: (_) @name) @constant
(field_declaration type: (_) @type declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: (field_identifier) @name)
  (array_declarator declarator: (field_identifier) @name)
  (reference_declarator (field_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
]) @field
(class_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @owner
(struct_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @owner

(function_definition type: (_)? @returns declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name
  parameters: (_) @params)) @function
(function_definition type: (_) @returns declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_) @params))) @function
(function_definition type: (_) @returns declarator: (reference_declarator (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_) @params))) @function
(field_declaration type: (_) @returns
  declarator: (function_declarator declarator: (field_identifier) @name parameters: (_) @params)) @function

(preproc_def name: (_) @name) @constant
(preproc_function_def name: (_) @name parameters: (_) @params) @function
(declaration (type_qualifier) declarator: (init_declarator declarator: (identifier) @name)) @constant

(call_expression function: (template_function name: (_) @callee))
(call_expression function: (field_expression
  argument: (_) @object field: (template_method name: (_) @callee)))
(call_expression function: (qualified_identifier
  scope: (_) @object name: (template_function name: (_) @callee)))
(call_expression function: [(identifier) (field_expression) (qualified_identifier)] @callee)
(new_expression type: (_) @callee)
(throw_statement [(call_expression function: (_) @raised) (identifier) @raised]) @raise
(throw_statement [(new_expression type: (_) @raised) (compound_literal_expression type: (_) @raised)]) @raise

(function_definition (attribute_declaration (attribute name: (_) @decorator)) @mark) @owner
(field_declaration (attribute_declaration (attribute name: (_) @decorator)) @mark) @owner
(class_specifier (attribute_declaration (attribute name: (_) @decorator)) @mark) @owner
(struct_specifier (attribute_declaration (attribute name: (_) @decorator)) @mark) @owner

(comment) @comment
(template_declaration (_) @inner) @around
(type_definition type: (_) @inner) @around
(preproc_include path: (_) @module) @taken
