(class_declaration name: (_) @name type_parameters: (_)? @type_params) @class
(interface_declaration name: (_) @name type_parameters: (_)? @type_params) @class
(enum_declaration name: (_) @name) @class
(record_declaration name: (_) @name parameters: (_) @params) @class
(annotation_type_declaration name: (_) @name) @class
(class_declaration superclass: (superclass (_) @base)) @owner
(class_declaration interfaces: (super_interfaces (type_list (_) @base))) @owner
(enum_declaration interfaces: (super_interfaces (type_list (_) @base))) @owner
(record_declaration interfaces: (super_interfaces (type_list (_) @base))) @owner
(interface_declaration (extends_interfaces (type_list (_) @base))) @owner

(method_declaration type: (_) @returns name: (_) @name parameters: (_) @params) @function
(constructor_declaration name: (_) @name parameters: (_) @params) @function
(annotation_type_element_declaration type: (_) @returns name: (_) @name) @function

(field_declaration (modifiers "static" "final") declarator: (variable_declarator name: (_) @name)) @constant
(interface_declaration body: (interface_body (constant_declaration
  declarator: (variable_declarator name: (_) @name)) @constant))
(enum_constant name: (_) @name) @constant
(field_declaration type: (_) @type declarator: (variable_declarator name: (_) @name)) @field

(class_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(interface_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(enum_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(record_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(annotation_type_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(method_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(constructor_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner
(field_declaration (modifiers [(marker_annotation name: (_) @decorator) (annotation name: (_) @decorator)] @mark)) @owner

(method_invocation object: (_)? @object name: (_) @callee)
(object_creation_expression type: (_) @callee)
(throw_statement (object_creation_expression type: (_) @raised)) @raise
(throw_statement [(identifier) (method_invocation)] @raised) @raise
(throws (_) @raised) @raise

[(line_comment) (block_comment)] @comment

(import_declaration (scoped_identifier scope: (_) @module name: (_) @name) . ";") @taken
(import_declaration (identifier) @module . ";") @taken
(import_declaration (_) @module (asterisk) @all) @taken
